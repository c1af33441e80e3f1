/** The words of the status page. */

import { say, sayCount } from "../say.js";

/** @typedef {import("../../types/status.js").Health} Health */
/** @typedef {import("../../types/status.js").Plugin} Plugin */
/** @typedef {import("../../types/status.js").Status} Status */

const guaranteed = () => ({
  atomic_replace: [say("Whole pictures"), say("A reader sees the old picture or the new one, never a mixture.")],
  conditional_write: [say("Several writers"), say("A writer never overwrites a change that it has not seen.")],
  conditional_delete: [say("Safe deletes"), say("A picture is never deleted if it is newer than the one that was seen.")],
  server_copy: [say("Copies in place"), say("Copies are made by the store itself; no bytes pass through this machine.")],
});

/**
 * @param {Record<string, boolean>} capabilities
 * @returns {{label: string, title: string, holds: boolean}[]}
 */
export function guarantees(capabilities) {
  return Object.entries(guaranteed()).map(([key, [label, title]]) => ({ label, title, holds: capabilities[key] === true }));
}

/**
 * @param {Status} status
 * @returns {string}
 */
export function summary({ version, gates, batches }) {
  const running = batches === null ? say("batches unknown") : sayCount(batches, "{n} batch running", "{n} batches running");
  return [say("Version {version}", { version }), sayCount(gates, "{n} gate open", "{n} gates open"), running].join(" · ");
}

/** @param {Health} health */
export function facts({ round_trip_ms: trip, slots, foreign }) {
  const parts = [];
  if (trip !== null) parts.push(say("{n} ms a round trip", { n: milliseconds(trip) }));
  if (slots !== null) parts.push(sayCount(slots, "{n} slot", "{n} slots"));
  if (foreign) parts.push(sayCount(foreign, "{n} other object left alone", "{n} other objects left alone"));
  return parts.join(" · ");
}

/** @param {number} time */
function milliseconds(time) {
  if (time < 0.1) return "< 0.1";
  return time < 10 ? time.toFixed(1) : String(Math.round(time));
}

/** @param {Plugin} plugin */
export function pluginSummary({ hooks, fault }) {
  return fault ? say("Left out: {fault}", { fault }) : hooks.map((hook) => hook.replace(/^datasete_/, "")).join(", ") || say("No hooks");
}
