/** Where pictures are in a grid: numbers only. */

const GAP = 6;
const SMALLEST = 84;
const LARGEST = 220;
const ABOUT = 100; // pictures in view: a large node shows larger pictures, not more of them
const SPARE = 1; // rows above and below what is in view

/**
 * @typedef {object} Layout
 * @property {number} columns
 * @property {number} edge of a picture, in pixels
 * @property {number} pitch from one row to the next
 */

/**
 * @param {number} width of the viewport, in pixels
 * @param {number} height
 * @returns {Layout}
 */
export function layoutFor(width, height) {
  const wanted = Math.min(LARGEST, Math.max(SMALLEST, Math.sqrt((width * height) / ABOUT)));
  const columns = Math.max(1, Math.floor((width + GAP) / (wanted + GAP)));
  const edge = Math.max(24, Math.floor((width - GAP * (columns - 1)) / columns));
  return { columns, edge, pitch: edge + GAP };
}

/**
 * @param {Layout} layout
 * @param {number} count of pictures
 * @returns {number} pixels
 */
export function heightOf({ columns, edge, pitch }, count) {
  const rows = Math.ceil(count / columns);
  return rows ? (rows - 1) * pitch + edge : 0;
}

/**
 * @param {Layout} layout
 * @param {number} count of pictures
 * @param {number} top what is scrolled away, in pixels
 * @param {number} height of the viewport
 * @returns {{first: number, last: number}} rows to draw; `last` is behind the last one
 */
export function rowsInView({ columns, pitch }, count, top, height) {
  const rows = Math.ceil(count / columns);
  const first = Math.max(0, Math.floor(top / pitch) - SPARE);
  return { first: Math.min(first, rows), last: Math.min(rows, Math.ceil((top + height) / pitch) + SPARE) };
}

/**
 * @param {Layout} layout
 * @param {number} count of pictures
 * @param {{x: number, y: number}} point within the scrolled content
 * @returns {number} in front of which picture something dropped there goes; `count` for the end
 */
export function gapAt({ columns, pitch }, count, { x, y }) {
  const row = Math.max(0, Math.floor(y / pitch));
  const column = Math.min(columns, Math.max(0, Math.round(x / pitch)));
  return Math.min(count, row * columns + column);
}

/**
 * @param {Layout} layout
 * @param {number} index of a picture
 * @returns {{x: number, y: number}} its upper left corner
 */
export function placeOf({ columns, pitch }, index) {
  return { x: (index % columns) * pitch, y: Math.floor(index / columns) * pitch };
}

/** @param {Layout} layout @param {number} one @param {number} other */
export function sameRow({ columns }, one, other) {
  return Math.floor(one / columns) === Math.floor(other / columns);
}

/**
 * @param {Layout} layout
 * @param {number} index
 * @param {number} top scrolled away now
 * @param {number} height of the viewport
 * @returns {number} what to scroll away so that the picture is in view
 */
export function scrollTo(layout, index, top, height) {
  const { y } = placeOf(layout, index);
  if (y < top) return y;
  return y + layout.edge > top + height ? y + layout.edge - height : top;
}

/** @param {number} edge of a picture on the screen, in its own pixels @returns {number} pixels to ask the server for */
export function thumbSize(edge) {
  const wanted = edge * 1.4; // pictures fill their squares, so their shorter side counts
  return [128, 256, 512].find((size) => size >= wanted) ?? 512;
}
