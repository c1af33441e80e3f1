/** The status of Datasete on this server. */

import { ask, post } from "../client.js";
import { Store } from "../store.js";

/** @typedef {import("../../types/status.js").Health} Health */
/** @typedef {import("../../types/status.js").Status} Status */

/** @type {Store<Status, Status | null>} */
export const status = new Store("status", null, { ask: (signal) => ask("/datasete/status", { signal }) });

/**
 * Tests a space with a small object of its own, which is removed afterwards.
 *
 * @param {string} space
 * @returns {Promise<Health>}
 */
export function probeSpace(space) {
  return post("/datasete/status/probe", { space });
}
