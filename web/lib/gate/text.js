/** What a gate says about itself. Every function takes what is known and returns text. */

import { say, sayCount } from "../say.js";
import { ago } from "../text.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {import("../../types/datasete.js").Verdict} Verdict */

/** @returns {Record<string, string>} by reason */
const ends = () => ({
  answered: say("Answered elsewhere"),
  policy: say("Answered by a policy"),
  stopped: say("Stopped"),
  interrupted: say("The run was cancelled, not at this gate"),
  failed: say("The run failed"),
  shutdown: say("The server shut down"),
  unknown: say("No longer waiting"),
});

/**
 * @param {Gate} gate
 * @param {number} count how many gates wait at this node
 * @returns {string}
 */
export function openStatus({ width, height, frames, list, trouble }, count) {
  const parts = [trouble ? say("Could not continue") : say("Waiting for you")];
  if (list) parts.push(say("{n} of {all}", { n: list.index + 1, all: list.count }));
  else if (count > 1) parts.push(say("{n} of {all}", { n: 1, all: count }));
  parts.push(`${width}×${height}`);
  if (frames > 1) parts.push(sayCount(frames, "{n} frame", "{n} frames"));
  return parts.join(" · ");
}

/**
 * @param {Verdict | undefined} verdict
 * @param {string[]} labels by route
 * @returns {string}
 */
export function closedStatus(verdict, labels) {
  if (!verdict) return say("Pauses here when the workflow runs");
  if (verdict.message) return verdict.hint ? (verdict.status ?? say("The run failed here")) : verdict.message;
  if (verdict.place) return say("Stopped at “{place}”", { place: verdict.place });
  if (!verdict.route) return ends()[verdict.reason] ?? say("The run ended");
  const route = nameOf(labels, verdict.route);
  return verdict.reason === "policy" ? say("Sent to {route} by a policy", { route }) : say("Sent to {route}", { route });
}

/** @param {Verdict | undefined} verdict @returns {string} what went wrong, and what to do; "" when nothing did */
export const faultOf = (verdict) => (verdict?.hint ? `${verdict.message} ${verdict.hint}` : "");

/**
 * @param {Gate} gate
 * @param {string} instance of the subgraph that it belongs to; "" when there is only one
 * @returns {string} where the gate is and where its picture comes from; "" when there is nothing to say
 */
export function originOf({ slot, slot_age: age, batch }, instance) {
  const parts = instance ? [say("In {place}", { place: instance })] : [];
  if (batch) parts.push(batchLine(batch));
  const isKnown = age !== null && age !== undefined;
  if (slot) parts.push(isKnown ? say("From “{slot}”, published {age}", { slot, age: ago(age) }) : say("From “{slot}”", { slot }));
  return parts.join(" · ");
}

/** @param {{index: number, total: number, filename: string}} batch */
function batchLine({ index, total, filename }) {
  const number = say("{n} of {all}", { n: index + 1, all: total });
  return filename ? `${filename} · ${number}` : number;
}

/**
 * @param {string[]} labels by route
 * @param {number} route from 1
 * @returns {string}
 */
export function nameOf(labels, route) {
  const label = labels[route - 1] ?? String(route);
  return label === String(route) ? say("Route {n}", { n: route }) : label;
}

/**
 * @param {string} title of the node
 * @param {string} workflow that it belongs to; "" when that is the one on the canvas, or not known
 * @returns {string}
 */
export const nameWith = (title, workflow) => (workflow ? say("{title} in “{workflow}”", { title, workflow }) : title);
