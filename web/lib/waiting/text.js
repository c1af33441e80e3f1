/** What is said about gates that wait. Every function takes what is known and returns text. */

import { originOf } from "../gate/text.js";
import { clock } from "../text.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

/** @param {number} count of the gates that are not in sight @returns {string} */
export const chipText = (count) => (count === 1 ? "A gate waits" : `${count} gates wait`);

/** @param {number} count @returns {string} of the button that opens the list */
export const listLabel = (count) => (count === 1 ? "List the waiting gate" : `List all ${count} waiting gates`);

/**
 * @param {Gate} gate
 * @param {number} now by this page's clock, in milliseconds
 * @returns {string}
 */
export function factsOf(gate, now) {
  const { width, height, frames, list, since = now, trouble } = gate;
  const parts = [trouble ? "Could not continue" : `Waiting ${clock((now - since) / 1000)}`, `${width}×${height}`];
  if (frames > 1) parts.push(`${frames} frames`);
  if (list) parts.push(`${list.index + 1} of ${list.count}`);
  const origin = originOf(gate, "");
  return [...parts, ...(origin ? [origin] : [])].join(" · ");
}
