/** Lets a person paint the mask of a picture in a pool. */

import { toast } from "../comfy.js";
import { openPainter } from "../painter/painter.js";
import { fileUrl } from "../pool/client.js";
import { setMask } from "../pool/edits.js";
import { say } from "../say.js";

/** @typedef {import("../pool/client.js").Slot} Slot */

/**
 * @param {import("../pool/store.js").Pool} pool
 * @param {Slot} slot
 */
export async function paintMask(pool, slot) {
  const picture = fileUrl(pool.id, slot.image);
  const size = await sizeOf(picture);
  if (!size) {
    toast("error", say("The picture cannot be shown"), say("Its file may be damaged or missing. Its mask is unchanged."));
    return;
  }
  const mask = slot.mask ? fileUrl(pool.id, slot.mask) : null;
  const before = mask ? await fetch(mask).then((response) => (response.ok ? response.blob() : null)) : null;
  const save = async (/** @type {{mask: Blob}} */ painted) => {
    const isBlank = await isBlack(painted.mask);
    await pool.edit(setMask(slot.image, isBlank ? null : painted.mask, before));
  };
  await openPainter({ title: slot.label || say("Mask"), picture, mask, ...size, save });
}

/** @param {string} url @returns {Promise<{width: number, height: number} | undefined>} */
async function sizeOf(url) {
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    return undefined;
  }
  return { width: image.naturalWidth, height: image.naturalHeight };
}

/** @param {Blob} mask @returns {Promise<boolean>} whether nothing is painted, so that the picture has no mask */
async function isBlack(mask) {
  const bitmap = await createImageBitmap(mask);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  for (let index = 0; index < data.length; index += 4) if (data[index] && data[index + 3]) return false;
  return true;
}
