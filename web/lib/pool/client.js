/** What the server is asked about pools. Failures come back as `ServerError` with a sentence for the user. */

import { ServerError, ask, post } from "../client.js";
import { api } from "../comfy.js";

const UNHARMED = "The pool on the server is unharmed. Try again in a moment.";

/**
 * @typedef {{image: string, mask: string | null, label: string, added: unknown}} Slot a picture of a pool
 * @typedef {object} View a pool as the server describes it
 * @property {number} active index of the active picture
 * @property {Slot[]} slots
 * @property {number} count of all pictures, however many of them `slots` holds
 * @property {number} revision grows with every edit; 0 for a pool that does not exist
 * @property {number} removed how many pictures an undo would bring back
 * @property {string} version of the pictures, their order, labels and masks; it changes with any of them
 * @property {number} offset of `slots` in the pool
 * @property {string} [since] the version that was known: in it, `gone` pictures from `offset` on are replaced by `slots`
 * @property {number} [gone]
 * @property {string | null} [profile] the name of the pool, if it is a profile
 * @typedef {{file: string, message: string, hint: string}} Refusal
 * @typedef {{added: number, images: string[], errors: Refusal[]}} Added
 */

/**
 * @param {string} id of a pool
 * @param {number} [offset]
 * @param {number} [limit] without it, all pictures
 * @returns {Promise<View>}
 */
export function fetchPool(id, offset = 0, limit) {
  const page = limit === undefined ? "" : `&limit=${limit}`;
  return ask(`/grid_pool/list?pool_id=${encodeURIComponent(id)}&offset=${offset}${page}`, {}, UNHARMED);
}

/**
 * @param {string} id of a pool
 * @param {string} version that this page knows
 * @returns {Promise<View>} what has changed since; everything when the server does not know that version
 */
export function fetchSince(id, version) {
  return ask(`/grid_pool/list?${new URLSearchParams({ pool_id: id, since: version })}`, {}, UNHARMED);
}

/**
 * Sends an edit. When the answer is lost the request is repeated; its operation id makes the edit count once.
 *
 * @param {string} path such as `label`
 * @param {Record<string, unknown>} body with `pool_id`, and with `operation` if it may be repeated
 * @returns {Promise<any>} the pool's view
 */
export async function editPool(path, body) {
  return repeated(() => post(`/grid_pool/${path}`, body, UNHARMED), "operation" in body);
}

/**
 * @param {string} id of a pool
 * @param {string} image the picture's name
 * @param {Blob | null} mask a PNG, white where painted; null for none
 * @param {{operation: string, since: string}} rest `since`: the version that this page knows, or ""
 * @returns {Promise<View>}
 */
export function sendPoolMask(id, image, mask, rest) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ pool_id: id, image, ...rest })) form.append(name, value);
  if (mask) form.append("mask", mask, "mask.png");
  return repeated(() => ask("/grid_pool/set_mask", { method: "POST", body: form }, UNHARMED), true);
}

/**
 * Stops what this page has begun under an operation id, and waits until it is over.
 *
 * @param {string} operation
 * @returns {Promise<{over: boolean, result: any}>} `result` is its answer when it was done before it could be stopped;
 *   else null, and nothing of it is left
 */
export function stopWork(operation) {
  return repeated(() => post("/grid_pool/stop", { operation }, "What has arrived is kept."), true);
}

/**
 * The address of a thumbnail. It contains when the picture was added, so it stands for the same bytes for ever and the
 * browser may cache them.
 *
 * @param {string} id of a pool
 * @param {{image: string, added: unknown}} slot
 * @param {number} size pixels of the longer edge, at most
 */
export function thumbUrl(id, { image, added }, size) {
  const query = new URLSearchParams({ pool_id: id, image, size: String(size), v: String(added || "0") });
  return api.apiURL(`/grid_pool/thumb?${query}`);
}

/**
 * @param {string} id of a pool
 * @param {string} name of a picture or a mask
 */
export function fileUrl(id, name) {
  return api.apiURL(`/grid_pool/file?${new URLSearchParams({ pool_id: id, image: name })}`);
}

/**
 * @template T
 * @param {() => Promise<T>} request
 * @param {boolean} isSafe to repeat
 * @returns {Promise<T>}
 */
async function repeated(request, isSafe) {
  try {
    return await request();
  } catch (error) {
    if (!isSafe || !(error instanceof ServerError) || error.status !== 0) throw error;
    return request();
  }
}
