/** Computes where pictures are in a grid. */

const GAP = 6;
const MIN_EDGE = 84; // pixels
const MAX_EDGE = 220;
const PICTURES_IN_VIEW = 100; // roughly: a large node shows larger pictures, not more of them
const SPARE_ROWS = 1; // drawn above and below what is in view

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
  const wanted = Math.min(MAX_EDGE, Math.max(MIN_EDGE, Math.sqrt((width * height) / PICTURES_IN_VIEW)));
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
 * @param {number} top pixels that are scrolled away
 * @param {number} height of the viewport
 * @returns {{first: number, last: number}} rows to draw; `last` is exclusive
 */
export function rowsInView({ columns, pitch }, count, top, height) {
  const rows = Math.ceil(count / columns);
  const first = Math.max(0, Math.floor(top / pitch) - SPARE_ROWS);
  return { first: Math.min(first, rows), last: Math.min(rows, Math.ceil((top + height) / pitch) + SPARE_ROWS) };
}

/**
 * @param {Layout} layout
 * @param {number} count of pictures
 * @param {{x: number, y: number}} point within the scrolled content
 * @returns {number} the picture in front of which a drop goes; `count` for the end
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
export function positionOf({ columns, pitch }, index) {
  return { x: (index % columns) * pitch, y: Math.floor(index / columns) * pitch };
}

/** @param {Layout} layout @param {number} one @param {number} other */
export function sameRow({ columns }, one, other) {
  return Math.floor(one / columns) === Math.floor(other / columns);
}

/**
 * @param {Layout} layout
 * @param {number} index
 * @param {number} top pixels that are scrolled away now
 * @param {number} height of the viewport
 * @returns {number} pixels to scroll away so that the picture is in view
 */
export function scrollTo(layout, index, top, height) {
  const { y } = positionOf(layout, index);
  if (y < top) return y;
  return y + layout.edge > top + height ? y + layout.edge - height : top;
}

/** @param {number} edge of a picture in screen pixels @returns {number} the size to request from the server */
export function thumbSize(edge) {
  const wanted = edge * 1.4; // pictures fill their squares, so their shorter side counts
  return [128, 256, 512].find((size) => size >= wanted) ?? 512;
}
