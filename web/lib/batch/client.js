/** What the server is asked about batches. */

import { ask, post } from "../client.js";
import { api } from "../comfy.js";

/** @typedef {import("../../types/batch.js").Batch} Batch */
/** @typedef {import("../../types/batch.js").Found} Found */
/** @typedef {import("../../types/batch.js").Skipped} Skipped */

const FEW = 40;
const KEPT = "Batches keep their places there. Try again in a moment.";

/**
 * @param {string[]} keys those to tell of; none for all
 * @returns {Promise<{batches: Batch[], trigger: string}>} the one that changed last first
 */
export function fetchBatches(keys) {
  const query = keys.length <= FEW ? new URLSearchParams(keys.map((key) => ["key", key])) : "";
  return ask(`/datasete/batch/list?${query}`, {}, KEPT);
}

/**
 * @param {Record<string, string>} query a loader's widgets, or where it is when they cannot tell
 * @returns {Promise<Found>}
 */
export function findBatch(query) {
  return ask(`/datasete/batch/find?${new URLSearchParams(query)}`, {}, KEPT);
}

/**
 * @param {string} key
 * @returns {Promise<Skipped[]>} the files that were skipped, in order
 */
export async function fetchSkipped(key) {
  const { skipped } = await ask(`/datasete/batch/skipped?key=${key}`, {}, KEPT);
  return skipped;
}

/**
 * @param {"pause" | "resume" | "reset"} action
 * @param {string} key
 * @returns {Promise<Batch>} what it is now
 */
export function act(action, key) {
  return post(`/datasete/batch/${action}`, { key }, KEPT);
}

/**
 * @param {Batch} batch
 * @param {number} size pixels of the longer edge, at most
 * @returns {string} the picture at the batch's place
 */
export function thumbUrl({ key, index, serial }, size) {
  return api.apiURL(`/datasete/batch/thumb?key=${key}&index=${index}&size=${size}&serial=${serial}`);
}
