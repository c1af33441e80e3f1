/**
 * A mask at the full size of its picture: one byte a pixel, 255 = painted.
 *
 * Plain bytes, not a canvas: a quarter of the memory, exact values, and no limit to the size (phones refuse canvases of
 * more than 16 megapixels). Averaged copies at half the size, a quarter and so on make it cheap to draw a large mask small.
 */

/** @typedef {{x: number, y: number, width: number, height: number}} Rect */
/** @typedef {{width: number, height: number, bytes: Uint8Array}} Level */

const SMALLEST_LEVEL_PIXELS = 512; // no mask is shown smaller

export class Mask {
  /**
   * @param {number} width pixels
   * @param {number} height pixels
   */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.bytes = new Uint8Array(width * height);
    /** @type {Level[]} the mask itself, its half, its quarter … */
    this.levels = [{ width, height, bytes: this.bytes }];
    for (let last = this.levels[0]; Math.max(last.width, last.height) > SMALLEST_LEVEL_PIXELS; last = this.levels[this.levels.length - 1]) {
      const half = { width: Math.ceil(last.width / 2), height: Math.ceil(last.height / 2) };
      this.levels.push({ ...half, bytes: new Uint8Array(half.width * half.height) });
    }
  }

  /** @returns {Rect} */
  get whole() {
    return { x: 0, y: 0, width: this.width, height: this.height };
  }

  /** @param {number} value */
  fill(value) {
    for (const { bytes } of this.levels) bytes.fill(value);
  }

  invert() {
    for (const { bytes } of this.levels) for (let index = 0; index < bytes.length; index++) bytes[index] ^= 255;
  }

  /**
   * Updates the smaller levels after a change.
   *
   * @param {Rect} changed
   */
  refresh({ x, y, width, height }) {
    let [left, top, right, bottom] = [x, y, x + width, y + height];
    for (let index = 1; index < this.levels.length; index++) {
      [left, top, right, bottom] = [left >> 1, top >> 1, (right + 1) >> 1, (bottom + 1) >> 1];
      halve(this.levels[index - 1], this.levels[index], { x: left, y: top, width: right - left, height: bottom - top });
    }
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {number} value
 * @returns {boolean} whether every byte has this value; a plain loop is five times as fast as `every`
 */
export function isAll(bytes, value) {
  for (let index = 0; index < bytes.length; index++) if (bytes[index] !== value) return false;
  return true;
}

/**
 * @param {Level} from
 * @param {Level} into
 * @param {Rect} rect in pixels of `into`
 */
function halve(from, into, { x, y, width, height }) {
  for (let row = y; row < y + height; row++) {
    const upper = 2 * row * from.width;
    const lower = 2 * row + 1 < from.height ? upper + from.width : upper;
    for (let column = x; column < x + width; column++) {
      const near = 2 * column;
      const far = Math.min(near + 1, from.width - 1);
      const sum = from.bytes[upper + near] + from.bytes[upper + far] + from.bytes[lower + near] + from.bytes[lower + far];
      into.bytes[row * into.width + column] = (sum + 2) >> 2;
    }
  }
}

/**
 * @param {Rect | null} one
 * @param {Rect} other
 * @returns {Rect} the smallest that contains both
 */
export function union(one, other) {
  if (!one) return other;
  const x = Math.min(one.x, other.x);
  const y = Math.min(one.y, other.y);
  const right = Math.max(one.x + one.width, other.x + other.width);
  const bottom = Math.max(one.y + one.height, other.y + other.height);
  return { x, y, width: right - x, height: bottom - y };
}
