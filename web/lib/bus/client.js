/** What the server is asked about slots. Failures come back as `ServerError` with a sentence for the user. */

import { ask, post, request } from "../client.js";
import { api } from "../comfy.js";
import { say } from "../say.js";

// The answer may have been lost on its way back.
const allOrNothing = () => say("It was done completely or not at all. Check the list when ComfyUI is running again.");

/** @typedef {{id: string, modified: number, since: number, size: number}} Slot `modified` in Unix seconds by the server's clock, `since` in milliseconds by ours, `size` in bytes */
/** @typedef {{version: string, created: number, frames: number, width: number, height: number, origin: "publish" | "edit" | "restore", size: number}} Version `created` in Unix seconds */
/** @typedef {{slots: Slot[], history: number}} Listing slots in natural order; `history` is how many versions a slot keeps */
/** @typedef {{url: string, frames: number, width: number, height: number}} Thumb */

/** @param {AbortSignal} signal @returns {Promise<Listing>} */
export async function fetchBus(signal) {
  const { slots, history } = await ask("/datasete_gate/bus/list", { signal });
  const now = Date.now();
  const known = slots.map((/** @type {any} */ { id, modified, age, size }) => ({ id, modified, since: now - 1000 * age, size }));
  return { slots: known, history };
}

/** @returns {Promise<string[]>} the slots' names when they were last listed. This answers at once; a far store may take seconds */
export async function fetchSeen() {
  return (await ask("/datasete_gate/bus/list?seen=1")).ids;
}

/**
 * @param {string} id
 * @returns {Promise<Version[]>} newest first
 */
export async function fetchHistory(id) {
  const { versions } = await ask(`/datasete_gate/bus/history?${query({ id })}`);
  return versions;
}

/**
 * @param {string} id
 * @returns {Promise<string>} the version that undoes it, or "" when this bus keeps none
 */
export async function deleteSlot(id) {
  return (await post("/datasete_gate/bus/delete", { id }, allOrNothing())).version;
}

/**
 * @param {string} id
 * @param {string} version
 */
export function restoreSlot(id, version) {
  return post("/datasete_gate/bus/restore", { id, version }, allOrNothing());
}

/**
 * A small picture of a slot, or of a version of it, and what its file says about the whole one.
 *
 * @param {string} id
 * @param {string} version "" for what the slot holds now
 * @param {number} size of the longer side, in pixels
 * @param {AbortSignal} [signal]
 * @returns {Promise<Thumb>} the caller revokes `url`
 */
export async function fetchThumb(id, version, size, signal) {
  const response = await request(`/datasete_gate/bus/thumb?${query({ id, version, size })}`, { signal });
  const [width, height] = (response.headers.get("Datasete-Pixels") ?? "0x0").split("x").map(Number);
  const frames = Number(response.headers.get("Datasete-Frames") ?? 1);
  return { url: URL.createObjectURL(await response.blob()), frames, width, height };
}

/**
 * @param {string} id
 * @param {string} version
 * @returns {string} where the whole picture is
 */
export function pictureUrl(id, version) {
  return api.apiURL(`/datasete_gate/bus/image?${query({ id, version })}`);
}

/**
 * @param {string} id
 * @param {string} version
 * @returns {Promise<Blob>} the whole picture
 */
export async function fetchWhole(id, version) {
  return (await request(`/datasete_gate/bus/image?${query({ id, version })}`)).blob();
}

/** @param {Record<string, string | number>} fields */
function query(fields) {
  const given = Object.entries(fields).filter(([, value]) => value !== "");
  return new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
}
