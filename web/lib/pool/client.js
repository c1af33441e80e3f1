/** What the server is asked about pools. Failures come back as `ServerError` with a sentence for the user. */

import { ask, post, refusal, repeated } from "../client.js";
import { api } from "../comfy.js";
import { say } from "../say.js";
import { upload } from "../upload.js";

/** @typedef {import("./pictures.js").Picture} Picture */

const MAX_CAPTION_BYTES = 1_000_001; // one more than it may have, so that the server refuses it instead of us cutting it off
const unharmed = () => say("The pool on the server is unharmed. Try again in a moment.");

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
 * @param {{offset?: number, limit?: number, signal?: AbortSignal}} [options] without a limit, all pictures
 * @returns {Promise<View>}
 */
export function fetchPool(id, { offset = 0, limit, signal } = {}) {
  const page = limit === undefined ? "" : `&limit=${limit}`;
  return ask(`/grid_pool/list?pool_id=${encodeURIComponent(id)}&offset=${offset}${page}`, { signal }, unharmed());
}

/**
 * @param {string} id of a pool
 * @param {string} version that this page knows
 * @param {AbortSignal} signal
 * @returns {Promise<View>} what has changed since; everything when the server does not know that version
 */
export function fetchSince(id, version, signal) {
  return ask(`/grid_pool/list?${new URLSearchParams({ pool_id: id, since: version })}`, { signal }, unharmed());
}

/**
 * Sends an edit. When the answer is lost the request is repeated; its operation id makes the edit count once.
 *
 * @param {string} path such as `label`
 * @param {Record<string, unknown>} body with `pool_id`, and with `operation` if it may be repeated
 * @returns {Promise<any>} the pool's view
 */
export async function editPool(path, body) {
  const send = () => post(`/grid_pool/${path}`, body, unharmed());
  return "operation" in body ? repeated(send) : send();
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
  return repeated(() => ask("/grid_pool/set_mask", { method: "POST", body: form }, unharmed()));
}

/**
 * Adds pictures to a pool.
 *
 * @param {string} id of the pool
 * @param {Picture[]} pictures
 * @param {{operation: string, signal: AbortSignal, progress: (share: number) => void}} options
 * @returns {Promise<{added: string[], errors: Refusal[]} | null>} names of what was added, and what was refused; null when
 *   it was cancelled and nothing was added
 */
export async function addPictures(id, pictures, options) {
  const form = formOf(id, pictures, options.operation);
  const answer = await upload("/grid_pool/add", form, { ...options, unharmed: say("What has arrived is kept.") });
  if (!answer) return null;
  if (!Array.isArray(answer.body.errors)) throw refusal(answer);
  return { added: answer.body.images ?? [], errors: answer.body.errors };
}

/** @param {string} id @param {Picture[]} pictures @param {string} operation */
function formOf(id, pictures, operation) {
  const form = new FormData();
  form.append("pool_id", id);
  form.append("operation", operation);
  form.append("limit", "0"); // the pool itself is read once, afterwards
  const hasCaptions = pictures.some(({ caption }) => caption);
  const hasMasks = pictures.some(({ mask }) => mask);
  for (const { file, caption, mask } of pictures) {
    form.append("image", file, file.name);
    // As it is: the server reads it as it reads captions anywhere else, in whatever encoding.
    if (hasCaptions) form.append("caption", caption?.slice(0, MAX_CAPTION_BYTES) ?? new Blob(), caption?.name ?? "none");
    if (hasMasks) form.append("mask", mask ?? new Blob(), mask?.name ?? "none");
  }
  return form;
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
