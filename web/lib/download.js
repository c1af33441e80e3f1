/** Saves files for the person at the page. */

import { el } from "./dom.js";

/**
 * Saves what the server sends from `url`, as a stream, so that it may be large.
 *
 * @param {string} url
 * @param {string} name of the file
 */
export function saveFrom(url, name) {
  el("a", { href: url, download: name }).click();
}

/**
 * @param {Blob} blob
 * @param {string} name of the file
 */
export function saveBlob(blob, name) {
  const url = URL.createObjectURL(blob);
  saveFrom(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser may still be asking where to put it
}
