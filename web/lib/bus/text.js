/** How slots and their versions are described. */

import { ago, bytes, counted } from "../text.js";

/** @typedef {import("./client.js").Version} Version */

const ORIGINS = { publish: "Published", edit: "Edited by hand", restore: "Restored" };

/**
 * @param {number} count
 * @returns {string}
 */
export function frames(count) {
  return counted(count, "frame");
}

/**
 * @param {number} milliseconds a moment by this page's clock
 * @returns {string}
 */
export function since(milliseconds) {
  return ago(Math.max(0, (Date.now() - milliseconds) / 1000));
}

/**
 * @param {number} milliseconds
 * @returns {string} day and time, as this browser's user writes them
 */
export function moment(milliseconds) {
  return new Date(milliseconds).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/** @param {Version} version */
export function origin(version) {
  return ORIGINS[version.origin] ?? version.origin;
}

/**
 * @param {{width: number, height: number, frames: number, size: number}} what
 * @returns {string} such as `600×400 · 3 frames · 1.4 MB`
 */
export function facts({ width, height, frames: count, size }) {
  return [width ? `${width}×${height}` : "", frames(count), size ? bytes(size) : ""].filter(Boolean).join(" · ");
}
