/** Puts a picture on the clipboard, so that it can be pasted into another program. */

import { toast } from "../comfy.js";
import { say } from "../say.js";

/** @param {string} url of the whole picture */
export async function copyPicture(url) {
  try {
    // Browsers take a promise here, so that the click still counts when the picture has arrived; and they take PNG alone.
    await navigator.clipboard.write([new ClipboardItem({ "image/png": asPng(url) })]);
    toast("success", say("Copied the picture"));
  } catch {
    toast("warn", say("This browser does not let a page copy pictures here"), say("Save it to a file instead."));
  }
}

/** @param {string} url @returns {Promise<Blob>} */
async function asPng(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  const file = await answer.blob();
  if (file.type === "image/png") return file;
  const bitmap = await createImageBitmap(file);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(bitmap, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}
