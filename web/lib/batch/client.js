/** What the server is asked about batches. */

import { ask, post } from "../client.js";
import { api } from "../comfy.js";
import { say } from "../say.js";

/** @typedef {import("../../types/batch.js").Batch} Batch */
/** @typedef {import("../../types/batch.js").Found} Found */
/** @typedef {import("../../types/batch.js").Skipped} Skipped */

const MOST_KEYS = 40; // in an address; beyond that, all batches are asked for
const unharmed = () => say("No batch has lost its place. Try again in a moment.");

/**
 * @param {string[]} keys of those to fetch; none for all
 * @param {AbortSignal} signal
 * @returns {Promise<{batches: Batch[], trigger: string}>} the one that changed last first
 */
export function fetchBatches(keys, signal) {
  const query = keys.length <= MOST_KEYS ? new URLSearchParams(keys.map((key) => ["key", key])) : "";
  return ask(`/datasete/batch/list?${query}`, { signal }, unharmed());
}

/**
 * @param {Record<string, string>} query a loader's widgets, or its place in the workflow when their values come by wire
 * @returns {Promise<Found>}
 */
export function findBatch(query) {
  return ask(`/datasete/batch/find?${new URLSearchParams(query)}`, {}, unharmed());
}

/**
 * @param {Record<string, string>} query a loader's widgets
 * @returns {Promise<{key: string, count: number, first: string}>} how many files match, and which comes first
 */
export function lookInto(query) {
  return ask(`/datasete/batch/look?${new URLSearchParams(query)}`, {}, unharmed());
}

/**
 * @param {string} at a folder, as in a loader's `directory`; "" for where one can begin
 * @returns {Promise<import("../../types/batch.js").Folders>} the folders in it
 */
export function fetchFolders(at) {
  return ask(`/datasete/batch/folders?${new URLSearchParams({ at })}`, {}, unharmed());
}

/** @param {Record<string, string>} query a loader's widgets @param {number} size @returns {string} the address of the first picture */
export function firstUrl(query, size) {
  return api.apiURL(`/datasete/batch/first?${new URLSearchParams({ ...query, size: String(size) })}`);
}

/**
 * @param {string} key
 * @returns {Promise<Skipped[]>} the files that were skipped, in order
 */
export async function fetchSkipped(key) {
  const { skipped } = await ask(`/datasete/batch/skipped?key=${key}`, {}, unharmed());
  return skipped;
}

/**
 * @param {"pause" | "resume" | "reset"} action
 * @param {string} key
 * @returns {Promise<Batch>} what it is now
 */
export function act(action, key) {
  return post(`/datasete/batch/${action}`, { key, client_id: api.clientId ?? "" }, unharmed());
}

/**
 * @param {Batch} batch
 * @param {number} size pixels of the longer edge, at most
 * @returns {string} the address of the picture that the batch is at
 */
export function thumbUrl({ key, index, serial }, size) {
  return api.apiURL(`/datasete/batch/thumb?key=${key}&index=${index}&size=${size}&serial=${serial}`);
}
