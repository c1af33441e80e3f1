/** Opens an editor for a gate's mask: ComfyUI's MaskEditor where that works, our own painter otherwise. */

import { app, toast } from "../comfy.js";
import { guarded } from "../guard.js";
import { openPainter } from "../painter/painter.js";
import { say } from "../say.js";
import { sentences } from "../ui.js";
import { maskUrl, previewUrl, sendMask } from "./client.js";
import { hasMaskEditor, maskOf, openMaskEditor } from "./comfy_mask_editor.js";
import { keepMask } from "./kept_masks.js";
import { gates } from "./store.js";

/** @typedef {import("../../types/datasete.js").Gate & {masks_differ?: boolean}} Gate */

const SETTING = "Datasete.Gate.Painter";
const HANDHELD = "(max-width: 767px), (pointer: coarse)"; // the MaskEditor's panels leave no room for the picture there
const PICTURE_PIXELS = 4096; // of the longer edge of the picture that is painted on
const HANDHELD_PICTURE_PIXELS = 2048;

/** @type {Map<string, Promise<boolean>>} by token: whether the mask that is being sent arrives */
const sending = new Map();

/* eslint-disable datasete/say-texts -- ComfyUI translates settings by their ids */
export const maskSetting = {
  id: SETTING,
  category: ["Datasete", "Image Gate", "Painter"],
  name: "Paint masks in",
  tooltip:
    "Automatic: ComfyUI's MaskEditor on a desktop, Datasete's painter on phones and tablets. " +
    "Batches are always painted in Datasete's painter, which knows about frames.",
  type: "combo",
  defaultValue: "automatic",
  options: [
    { text: "Automatic", value: "automatic" },
    { text: "ComfyUI's MaskEditor", value: "maskeditor" },
    { text: "Datasete's painter", value: "painter" },
  ],
};
/* eslint-enable datasete/say-texts */

/**
 * Waits for a mask that is being sent: somebody who saves a mask and presses a route at once wants both to go together.
 *
 * @param {Gate} gate
 * @returns {Promise<boolean>} false when the mask could not be saved
 */
export async function maskArrived(gate) {
  return (await sending.get(gate.token)) ?? true;
}

/**
 * @param {Gate} gate
 * @param {number} frame the picture to paint on, from 0
 */
export function editMask(gate, frame) {
  if (usesOurPainter(gate)) paint(gate, frame).catch(notOpened);
  else openMaskEditor(gate, frame, guarded("mask", (painted) => send(gate, painted)));
}

/**
 * @param {Gate} gate
 * @returns {boolean} whether our own painter opens
 */
function usesOurPainter(gate) {
  if (!hasMaskEditor() || gate.frames > 1) return true; // the MaskEditor knows nothing of frames
  const wanted = app.extensionManager.setting.get(SETTING);
  return wanted === "painter" || (wanted !== "maskeditor" && window.matchMedia(HANDHELD).matches);
}

/** @param {Gate} gate @param {number} frame */
async function paint(gate, frame) {
  const { width, height, frames } = gate;
  const painted = await openPainter({
    title: say("Mask"),
    picture: previewUrl(gate, frame, window.matchMedia(HANDHELD).matches ? HANDHELD_PICTURE_PIXELS : PICTURE_PIXELS),
    mask: maskUrl(gate, frame),
    width,
    height,
    frames,
    frame,
    all: !gate.masks_differ,
    save: ({ mask, all }) => sendMask(gate, mask, all ? undefined : frame),
    keep: ({ mask, all }) => keepMask(gate, { mask, frame: all ? undefined : frame }),
  });
  if (painted) gates.markMasked(gate);
}

/** @param {Error} error such as too little memory for a mask of this size */
function notOpened(error) {
  toast("error", say("The painter cannot be opened"), `${error.message} ${say("The gate is still waiting.")}`);
}

/**
 * @param {Gate} gate
 * @param {HTMLImageElement} painted
 */
function send(gate, painted) {
  const sent = save(gate, painted).finally(() => sending.delete(gate.token));
  sending.set(gate.token, sent);
}

/**
 * @param {Gate} gate
 * @param {HTMLImageElement} painted
 * @returns {Promise<boolean>} whether the server has it
 */
async function save(gate, painted) {
  try {
    await sendMask(gate, await maskOf(painted));
    gates.markMasked(gate);
    return true;
  } catch (error) {
    toast("error", say("The mask was not saved"), sentences(/** @type {Error} */ (error)));
    gates.refresh();
    return false;
  }
}
