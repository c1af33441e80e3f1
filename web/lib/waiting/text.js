/** What is said about gates that wait. Every function takes what is known and returns text. */

import { originOf } from "../gate/text.js";
import { say, sayCount } from "../say.js";
import { clock } from "../text.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

/** @param {number} count of the gates that are not in sight @returns {string} */
export const chipText = (count) => sayCount(count, "A gate waits", "{n} gates wait");

/** @param {number} count @returns {string} of the button that opens the list */
export const listLabel = (count) => sayCount(count, "List the waiting gate", "List all {n} waiting gates");

/**
 * @param {Gate} gate
 * @param {number} now by this page's clock, in milliseconds
 * @returns {string}
 */
export function factsOf(gate, now) {
  const { width, height, frames, list, since = now, trouble } = gate;
  const parts = [trouble ? say("Could not continue") : say("Waiting {time}", { time: clock((now - since) / 1000) }), `${width}×${height}`];
  if (frames > 1) parts.push(sayCount(frames, "{n} frame", "{n} frames"));
  if (list) parts.push(say("{place} of {count}", { place: list.index + 1, count: list.count }));
  const origin = originOf(gate, "");
  return [...parts, ...(origin ? [origin] : [])].join(" · ");
}
