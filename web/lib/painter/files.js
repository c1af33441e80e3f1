/** Reads masks from PNG files, and writes them. */

/** @typedef {import("./mask.js").Mask} Mask */

const STRIP_ROWS = 256; // decoded at a time, so that a large mask needs no second canvas of its size

/**
 * Reads a mask (white = painted) into `mask`, scaled to its size.
 *
 * @param {Mask} mask
 * @param {string} url
 * @param {AbortSignal} signal
 */
export async function loadMask(mask, url, signal) {
  const answer = await fetch(url, { cache: "no-store", signal });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  const bitmap = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none" });
  try {
    const context = stripContext(mask.width);
    context.imageSmoothingEnabled = bitmap.width !== mask.width || bitmap.height !== mask.height;
    for (let top = 0; top < mask.height; top += STRIP_ROWS) readStrip(mask, bitmap, context, top);
  } finally {
    bitmap.close();
  }
  mask.refresh(mask.whole);
}

/** @param {number} width @returns {CanvasRenderingContext2D} */
function stripContext(width) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = STRIP_ROWS;
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
}

/** @param {Mask} mask @param {ImageBitmap} bitmap @param {CanvasRenderingContext2D} context @param {number} top */
function readStrip({ bytes, width, height }, bitmap, context, top) {
  const rows = Math.min(STRIP_ROWS, height - top);
  context.fillRect(0, 0, width, STRIP_ROWS);
  context.drawImage(bitmap, 0, -top, width, height);
  const { data } = context.getImageData(0, 0, width, rows);
  for (let index = 0, start = top * width; index < rows * width; index++) bytes[start + index] = data[4 * index];
}

/**
 * @param {Mask} mask
 * @returns {Promise<Blob>} an 8-bit grey PNG of the same size, white = painted
 */
export async function encodeMask({ bytes, width, height }) {
  const packed = await deflate(bytes, width, height);
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8); // bits; the zeros that follow mean grey, deflate, the usual filters, not interlaced
  const signature = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
  const parts = [signature, chunk("IHDR", new Uint8Array(header.buffer)), chunk("IDAT", packed), chunk("IEND", new Uint8Array(0))];
  return new Blob(/** @type {BlobPart[]} */ (parts), { type: "image/png" });
}

/** @param {Uint8Array} bytes @param {number} width @param {number} height @returns {Promise<Uint8Array>} a zlib stream */
async function deflate(bytes, width, height) {
  const packing = new CompressionStream("deflate");
  const packed = new Response(packing.readable).arrayBuffer();
  const writer = packing.writable.getWriter();
  for (let top = 0; top < height; top += STRIP_ROWS) {
    const count = Math.min(STRIP_ROWS, height - top);
    const strip = new Uint8Array(count * (width + 1)); // each row starts with its filter: 0 for none
    for (let row = 0; row < count; row++) {
      const start = (top + row) * width;
      strip.set(bytes.subarray(start, start + width), row * (width + 1) + 1);
    }
    await writer.write(strip);
  }
  await writer.close();
  return new Uint8Array(await packed);
}

/** @param {string} kind @param {Uint8Array} data @returns {Uint8Array} */
function chunk(kind, data) {
  const made = new Uint8Array(12 + data.length);
  const view = new DataView(made.buffer);
  view.setUint32(0, data.length);
  for (let index = 0; index < 4; index++) made[4 + index] = kind.charCodeAt(index);
  made.set(data, 8);
  view.setUint32(8 + data.length, crc(made.subarray(4, 8 + data.length)));
  return made;
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** @param {Uint8Array} data @returns {number} */
function crc(data) {
  let value = 0xffffffff;
  for (const byte of data) value = CRC[(value ^ byte) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}
