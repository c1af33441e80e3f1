/** What a gate says about itself. Every function takes what is known and returns text. */

import { ago } from "../text.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {import("../../types/datasete.js").Verdict} Verdict */

const ENDS = /** @type {Record<string, string>} */ ({
  answered: "Answered elsewhere",
  policy: "Answered by a policy",
  stopped: "Stopped",
  interrupted: "The run was cancelled, not at this gate",
  failed: "The run failed",
  shutdown: "The server shut down",
  unknown: "No longer waiting",
});

/**
 * @param {Gate} gate
 * @param {number} count how many gates wait at this node
 * @returns {string}
 */
export function openStatus({ width, height, frames, list, trouble }, count) {
  const parts = [trouble ? "Could not continue" : "Waiting for you"];
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
  if (verdict.message) return verdict.hint ? (verdict.status ?? "The run failed here") : verdict.message;
  if (verdict.place) return `Stopped at “${verdict.place}”`;
  if (!verdict.route) return ENDS[verdict.reason] ?? "The run ended";
  if (verdict.reason === "policy") return `Sent to ${nameOf(labels, verdict.route)} by a policy`;
  return `Sent to ${nameOf(labels, verdict.route)}`;
}

/** @param {Verdict | undefined} verdict @returns {string} what went wrong, and what to do; "" when nothing did */
export const faultOf = (verdict) => (verdict?.hint ? `${verdict.message} ${verdict.hint}` : "");

/**
 * @param {Gate} gate
 * @param {string} instance of the subgraph that it belongs to; "" when there is only one
 * @returns {string} where the gate is and where its picture comes from; "" when there is nothing to say
 */
export function originOf({ slot, slot_age: age, batch }, instance) {
  const parts = instance ? [`In ${instance}`] : [];
  if (batch) parts.push(batchLine(batch));
  if (slot) parts.push(age === null || age === undefined ? `From “${slot}”` : `From “${slot}”, published ${ago(age)}`);
  return parts.join(" · ");
}

/** @param {{index: number, total: number, filename: string}} batch */
function batchLine({ index, total, filename }) {
  const number = `${index + 1} of ${total}`;
  return filename ? `${filename} · ${number}` : number;
}

/**
 * @param {string[]} labels by route
 * @param {number} route from 1
 * @returns {string}
 */
export function nameOf(labels, route) {
  const label = labels[route - 1] ?? String(route);
  return label === String(route) ? `Route ${route}` : label;
}

/**
 * @param {string} title of the node
 * @param {string} workflow that it belongs to; "" when that is the one on the canvas, or not known
 * @returns {string}
 */
export const nameWith = (title, workflow) => (workflow ? `${title} in “${workflow}”` : title);
