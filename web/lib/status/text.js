/** What the status page calls things. */

/** @typedef {import("../../types/status.js").Health} Health */
/** @typedef {import("../../types/status.js").Plugin} Plugin */
/** @typedef {import("../../types/status.js").Status} Status */

const GUARANTEES = {
  atomic_replace: ["Whole pictures", "A reader sees the old picture or the new one, never a mixture."],
  conditional_write: ["Several writers", "Nobody overwrites an edit that they have not seen."],
  conditional_delete: ["Safe deletes", "Nobody deletes a picture that is newer than the one they saw."],
  server_copy: ["Copies in place", "A copy moves no bytes through this machine."],
};

/**
 * @param {Record<string, boolean>} capabilities
 * @returns {{label: string, title: string, holds: boolean}[]}
 */
export function guarantees(capabilities) {
  return Object.entries(GUARANTEES).map(([key, [label, title]]) => ({ label, title, holds: capabilities[key] === true }));
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 * @returns {string} such as `1 gate` or `2 gates`
 */
export function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * @param {Status} status
 * @returns {string}
 */
export function summary({ version, gates, batches }) {
  const walking = batches === null ? "batches unknown" : `${counted(batches, "batch", "batches")} under way`;
  return [`Version ${version}`, `${counted(gates, "gate")} open`, walking].join(" · ");
}

/** @param {Health} health */
export function facts({ round_trip_ms: trip, slots, foreign }) {
  const told = [];
  if (trip !== null) told.push(`${milliseconds(trip)} ms a round trip`);
  if (slots !== null) told.push(counted(slots, "slot"));
  if (foreign) told.push(`${counted(foreign, "other object")} left alone`);
  return told.join(" · ");
}

/** @param {number} time */
function milliseconds(time) {
  if (time < 0.1) return "< 0.1";
  return time < 10 ? time.toFixed(1) : String(Math.round(time));
}

/** @param {Plugin} plugin */
export function filled({ hooks, fault }) {
  return fault ? `Left out: ${fault}` : hooks.map((hook) => hook.replace(/^datasete_/, "")).join(", ") || "No hooks";
}
