/** How slots and their versions are described. */

import { sayCount, say } from "../say.js";
import { ago, bytes } from "../text.js";

/** @typedef {import("./client.js").Version} Version */

const origins = () => ({ publish: say("Published"), edit: say("Edited by hand"), restore: say("Restored") });

/**
 * @param {number} count
 * @returns {string}
 */
export function frames(count) {
  return sayCount(count, "{n} frame", "{n} frames");
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
  return origins()[version.origin] ?? version.origin;
}

/**
 * @param {{width: number, height: number, frames: number, size: number}} what
 * @returns {string} such as `600×400 · 3 frames · 1.4 MB`
 */
export function facts({ width, height, frames: count, size }) {
  return [width ? `${width}×${height}` : "", frames(count), size ? bytes(size) : ""].filter(Boolean).join(" · ");
}
