/** How numbers, times and sizes are written, alike in all features. */

import { say, sayCount } from "./say.js";

/**
 * @param {number} seconds
 * @returns {string} such as `0:42`, `12:05` or `1:02:03`
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (!parts[0]) parts.shift();
  return parts.map((part, place) => (place ? String(part).padStart(2, "0") : String(part))).join(":");
}

/**
 * @param {number} seconds
 * @returns {string} such as `just now`, `3 min ago` or `2 days ago`
 */
export function ago(seconds) {
  if (seconds < 60) return say("just now");
  if (seconds < 3600) return say("{n} min ago", { n: Math.floor(seconds / 60) });
  if (seconds < 86400) return say("{n} h ago", { n: Math.floor(seconds / 3600) });
  return sayCount(Math.floor(seconds / 86400), "yesterday", "{n} days ago");
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 * @returns {string} such as `1 gate` or `1,200 gates`
 */
export function counted(count, one, many = `${one}s`) {
  return count === 1 ? `1 ${one}` : `${count.toLocaleString()} ${many}`;
}

/**
 * @param {number} size in bytes
 * @returns {string} such as `12 KB` or `1.4 MB`
 */
export function bytes(size) {
  if (size < 1000) return `${size} B`;
  if (size < 999_500) return `${Math.max(1, Math.round(size / 1000))} KB`;
  return size < 999_500_000 ? `${(size / 1e6).toFixed(1)} MB` : `${(size / 1e9).toFixed(1)} GB`;
}

/** @param {string} text @returns {string} what is compared in a search: letters of any case, however they are encoded */
export const folded = (text) => text.normalize("NFC").toLocaleLowerCase();
