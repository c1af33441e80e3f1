/**
 * ComfyUI's own MaskEditor.
 *
 * The editor works on a node with pictures and hands its result back to that node. It is given a stand-in, so that the
 * gate's own outputs and widgets stay untouched. What comes back is the picture with its painted parts transparent.
 */

import { previewUrl } from "./client.js";
import { ComfyApp } from "../comfy.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

const EDIT_SIZE = 2048;

/** @returns {boolean} whether this version of the frontend offers a way in */
export function hasMaskEditor() {
  return typeof ComfyApp.open_maskeditor === "function";
}

/**
 * @param {Gate} gate
 * @param {number} frame the picture to paint on, from 0
 * @param {(painted: HTMLImageElement) => void} done called when somebody saved
 */
export function openMaskEditor(gate, frame, done) {
  // The editor asks for the colours and for the alpha channel of one address; ours serves the mask so far as the latter.
  // The time makes it one that the browser has not kept from an earlier look.
  const url = `${new URL(previewUrl(gate, frame, EDIT_SIZE), location.href).href}&filename=gate.png&at=${Date.now()}`;
  ComfyApp.clipspace_return_node = standIn({ src: url }, done);
  try {
    ComfyApp.open_maskeditor?.();
  } finally {
    ComfyApp.clipspace_return_node = null;
  }
}

/**
 * What the editor takes for a node. It has no graph, so nothing of it is ever drawn or saved.
 *
 * @param {{src: string}} picture
 * @param {(painted: HTMLImageElement) => void} done called with what was painted
 */
function standIn(picture, done) {
  return {
    id: "datasete-mask",
    type: "DataseteMask",
    title: "Mask",
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

/** @param {Uint8ClampedArray} pixels RGBA, becomes opaque grey */
function invertAlpha(pixels) {
  for (let index = 0; index < pixels.length; index += 4) {
    pixels.fill(255 - pixels[index + 3], index, index + 3);
    pixels[index + 3] = 255;
  }
}
