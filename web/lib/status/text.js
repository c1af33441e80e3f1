/** The words of the status page. */

import { counted } from "../text.js";

/** @typedef {import("../../types/status.js").Health} Health */
/** @typedef {import("../../types/status.js").Plugin} Plugin */
/** @typedef {import("../../types/status.js").Status} Status */

const GUARANTEES = {
  atomic_replace: ["Whole pictures", "A reader sees the old picture or the new one, never a mixture."],
  conditional_write: ["Several writers", "A writer never overwrites a change that it has not seen."],
  conditional_delete: ["Safe deletes", "A picture is never deleted if it is newer than the one that was seen."],
  server_copy: ["Copies in place", "Copies are made by the store itself; no bytes pass through this machine."],
};

/**
 * @param {Record<string, boolean>} capabilities
 * @returns {{label: string, title: string, holds: boolean}[]}
 */
export function guarantees(capabilities) {
  return Object.entries(GUARANTEES).map(([key, [label, title]]) => ({ label, title, holds: capabilities[key] === true }));
}

/**
 * @param {Status} status
 * @returns {string}
 */
export function summary({ version, gates, batches }) {
  const running = batches === null ? "batches unknown" : `${counted(batches, "batch", "batches")} running`;
  return [`Version ${version}`, `${counted(gates, "gate")} open`, running].join(" · ");
}

/** @param {Health} health */
export function facts({ round_trip_ms: trip, slots, foreign }) {
  const parts = [];
  if (trip !== null) parts.push(`${milliseconds(trip)} ms a round trip`);
  if (slots !== null) parts.push(counted(slots, "slot"));
  if (foreign) parts.push(`${counted(foreign, "other object")} left alone`);
  return parts.join(" · ");
}

/** @param {number} time */
function milliseconds(time) {
  if (time < 0.1) return "< 0.1";
  return time < 10 ? time.toFixed(1) : String(Math.round(time));
}

/** @param {Plugin} plugin */
export function pluginSummary({ hooks, fault }) {
  return fault ? `Left out: ${fault}` : hooks.map((hook) => hook.replace(/^datasete_/, "")).join(", ") || "No hooks";
}
