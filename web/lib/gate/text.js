/** What a gate says about itself, in words. Every function takes what is known and gives back text. */

import { nameOf } from "./countdown.js";
import { ago } from "../dom.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {import("../../types/datasete.js").Verdict} Verdict */

const ENDS = /** @type {Record<string, string>} */ ({
  answered: "Answered elsewhere",
  policy: "Answered by a policy",
  stopped: "Stopped",
  failed: "The run failed",
  shutdown: "The server ended",
  unknown: "Does not wait any more",
});

/**
 * @param {Gate} gate
 * @param {number} count how many wait at this node
 * @returns {string}
 */
export function openStatus({ width, height, frames, list, trouble }, count) {
  const parts = [trouble ? "Could not go on" : "Waiting for you"];
  if (list) parts.push(`${list.index + 1} of ${list.count}`);
  else if (count > 1) parts.push(`1 of ${count}`);
  parts.push(`${width}×${height}`);
  if (frames > 1) parts.push(`${frames} frames`);
  return parts.join(" · ");
}

/**
 * @param {Verdict | undefined} verdict
 * @param {string[]} labels by route
 * @returns {string}
 */
export function closedStatus(verdict, labels) {
  if (!verdict) return "Pauses here when the workflow runs";
  if (!verdict.route) return ENDS[verdict.reason] ?? "The run ended";
  if (verdict.reason === "policy") return `Sent to ${nameOf(labels, verdict.route)} by a policy`;
  return `Sent to ${nameOf(labels, verdict.route)}`;
}

/**
 * @param {Gate} gate
 * @param {string} place which place of the workflow it belongs to; "" when that goes without saying
 * @returns {string} where it and its picture come from, as far as there is something to tell
 */
export function originOf({ slot, slot_age: age, batch }, place) {
  const parts = place ? [`In ${place}`] : [];
  if (batch) parts.push(batchLine(batch));
  if (slot) parts.push(age === null || age === undefined ? `From “${slot}”` : `From “${slot}”, published ${ago(age)}`);
  return parts.join(" · ");
}

/** @param {{index: number, total: number, filename: string}} batch */
export function batchLine({ index, total, filename }) {
  const place = `${index + 1} of ${total}`;
  return filename ? `${filename} · ${place}` : place;
}
