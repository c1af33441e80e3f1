/** Paints strokes: round, with a soft edge, as thick as the pen presses. */

/** @typedef {import("./mask.js").Mask} Mask */
/** @typedef {import("./mask.js").Rect} Rect */
/** @typedef {{x: number, y: number, radius: number}} Dab a point of a stroke, in pixels of the mask */

const STEPS = 1024; // of the table of how the edge fades

/**
 * The part of the mask that a piece of a stroke can change.
 *
 * @param {Mask} mask
 * @param {Dab} from
 * @param {Dab} to
 * @returns {Rect | null} null when it lies outside the mask
 */
export function reach(mask, from, to) {
  const x = Math.max(0, Math.floor(Math.min(from.x - from.radius, to.x - to.radius) - 1));
  const y = Math.max(0, Math.floor(Math.min(from.y - from.radius, to.y - to.radius) - 1));
  const right = Math.min(mask.width, Math.ceil(Math.max(from.x + from.radius, to.x + to.radius) + 1));
  const bottom = Math.min(mask.height, Math.ceil(Math.max(from.y + from.radius, to.y + to.radius) + 1));
  return x < right && y < bottom ? { x, y, width: right - x, height: bottom - y } : null;
}

/**
 * Paints from one point to the next. A pixel only gets stronger (or, when erasing, weaker), so that the pieces of a stroke
 * may overlap and its soft edge stays soft.
 *
 * @param {Mask} mask
 * @param {Dab} from
 * @param {Dab} to
 * @param {{hardness: number, isErasing: boolean}} brush hardness from 0 (soft to the middle) to 1 (a crisp edge)
 * @param {Rect} rect as `reach` gave it
 */
export function stroke(mask, from, to, { hardness, isErasing }, rect) {
  const { bytes, width } = mask;
  const edge = falloff(hardness, Math.max(from.radius, to.radius));
  const [dx, dy, dr] = [to.x - from.x, to.y - from.y, to.radius - from.radius];
  const length = dx * dx + dy * dy || 1;
  const full = isErasing ? 0 : 255;
  for (let row = rect.y; row < rect.y + rect.height; row++) {
    const py = row + 0.5 - from.y;
    for (let column = rect.x, index = row * width + rect.x; column < rect.x + rect.width; column++, index++) {
      if (bytes[index] === full) continue;
      const px = column + 0.5 - from.x;
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) / length));
      const [ax, ay, radius] = [px - along * dx, py - along * dy, from.radius + along * dr + 0.5];
      const square = (ax * ax + ay * ay) / (radius * radius);
      if (square >= 1) continue;
      const cover = edge[(square * STEPS) | 0];
      if (isErasing) bytes[index] = Math.min(bytes[index], 255 - cover);
      else bytes[index] = Math.max(bytes[index], cover);
    }
  }
}

/**
 * How much is covered, by the square of the distance from the middle, so that no pixel needs a square root.
 *
 * @param {number} hardness
 * @param {number} radius
 * @returns {Uint8Array} 0..255
 */
function falloff(hardness, radius) {
  const outer = radius + 0.5;
  const inner = Math.max(0, Math.min(hardness * radius, outer - 1)); // one pixel of edge is never jagged
  return Uint8Array.from({ length: STEPS + 1 }, (_, step) => {
    const distance = Math.sqrt(step / STEPS) * outer;
    const fade = Math.min(1, Math.max(0, (outer - distance) / (outer - inner)));
    return Math.round(255 * fade * fade * (3 - 2 * fade));
  });
}
