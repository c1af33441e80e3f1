/** How slots and their versions are told in words. */

import { ago } from "../text.js";

/** @typedef {import("./client.js").Version} Version */

const ORIGINS = { publish: "Published", edit: "Edited by hand", restore: "Restored" };

/**
 * @param {number} size in bytes
 * @returns {string} such as `12 KB` or `1.4 MB`
 */
export function bytes(size) {
  if (size < 1000) return `${size} B`;
  if (size < 999_500) return `${Math.max(1, Math.round(size / 1000))} KB`;
  return size < 999_500_000 ? `${(size / 1e6).toFixed(1)} MB` : `${(size / 1e9).toFixed(1)} GB`;
}

/**
 * @param {number} count
 * @returns {string}
 */
export function frames(count) {
  return count === 1 ? "1 frame" : `${count} frames`;
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

/**
 * @param {string} text
 * @returns {string} what is compared in a search
 */
export function folded(text) {
  return text.normalize("NFC").toLocaleLowerCase();
}
