/**
 * ComfyUI's own MaskEditor.
 *
 * The editor works on a node with pictures and hands its result back to that node. It gets a stand-in instead of the gate,
 * whose outputs and widgets would otherwise change. What comes back is the picture with its painted parts transparent.
 */

import { ComfyApp } from "../comfy.js";
import { say } from "../say.js";
import { previewUrl } from "./client.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

const EDIT_SIZE = 2048;

/** @returns {boolean} whether this version of the frontend lets us open it */
export function hasMaskEditor() {
  return typeof ComfyApp.open_maskeditor === "function";
}

/**
 * @param {Gate} gate
 * @param {number} frame the picture to paint on, from 0
 * @param {(painted: HTMLImageElement) => void} done called when the person saved
 */
export function openMaskEditor(gate, frame, done) {
  // The editor asks one address for the colours and for the alpha channel; ours serves the current mask as the latter.
  // The time in the address keeps the browser from showing a mask that it cached earlier.
  const url = `${new URL(previewUrl(gate, frame, EDIT_SIZE), location.href).href}&filename=gate.png&at=${Date.now()}`;
  ComfyApp.clipspace_return_node = standIn({ src: url }, done);
  try {
    ComfyApp.open_maskeditor?.();
  } finally {
    ComfyApp.clipspace_return_node = null;
  }
}

/**
 * Makes what the editor takes for a node. It has no graph, so it is never drawn or saved.
 *
 * @param {{src: string}} picture
 * @param {(painted: HTMLImageElement) => void} done called with what was painted
 */
function standIn(picture, done) {
  return {
    id: "datasete-mask",
    type: "DataseteMask",
    title: say("Mask"),
    graph: null,
    widgets: [],
    properties: {},
    imageIndex: 0,
    images: undefined,
    previewMediaType: "image",
    get imgs() {
      return [picture];
    },
    set imgs(images) {
      if (images?.[0]) done(/** @type {HTMLImageElement} */ (images[0]));
    },
    setDirtyCanvas() {},
  };
}

/**
 * @param {HTMLImageElement} painted transparent where a mask was painted
 * @returns {Promise<Blob>} a PNG, white where painted
 */
export async function maskOf(painted) {
  await painted.decode();
  const canvas = document.createElement("canvas");
  canvas.width = painted.naturalWidth;
  canvas.height = painted.naturalHeight;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(painted, 0, 0);
  const picture = context.getImageData(0, 0, canvas.width, canvas.height);
  invertAlpha(picture.data);
  context.putImageData(picture, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The mask could not be encoded."))), "image/png");
  });
}

/** @param {Uint8ClampedArray} pixels RGBA; become opaque grey */
function invertAlpha(pixels) {
  for (let index = 0; index < pixels.length; index += 4) {
    pixels.fill(255 - pixels[index + 3], index, index + 3);
    pixels[index + 3] = 255;
  }
}
