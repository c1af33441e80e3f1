/** What the server tells about itself. */

import { ask, post } from "../client.js";

/** @returns {Promise<import("../../types/status.js").Status>} */
export function fetchStatus() {
  return ask("/datasete/status");
}

/**
 * Tries a space out with a small object of its own, which is removed again.
 *
 * @param {string} space
 * @returns {Promise<import("../../types/status.js").Health>}
 */
export function probeSpace(space) {
  return post("/datasete/status/probe", { space });
}
