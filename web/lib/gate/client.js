/** What the server is asked about gates. Failures come back as `ServerError` with a sentence for the user. */

import { ask, post } from "../client.js";
import { api } from "../comfy.js";
import { say } from "../say.js";

export const CANCEL = "__cancel__";
export const RETRY = "__retry__";

/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {number | typeof CANCEL | typeof RETRY} Message a route, from 1; the end of the run; or another attempt */

const stillOpen = () => say("The gate is still open on the server. Try again in a moment.");

/** @param {AbortSignal} signal @returns {Promise<Gate[]>} open gates, oldest first */
export async function fetchPending(signal) {
  const path = `/datasete_gate/pending?client_id=${encodeURIComponent(api.clientId ?? "")}`;
  return (await ask(path, { signal }, stillOpen())).gates;
}

/**
 * @param {{id: string, token: string}} gate
 * @param {Message} message
 */
export function sendChoice({ id, token }, message) {
  return post("/datasete_gate/choice", { id, token, message }, stillOpen());
}

/**
 * Ends a gate's countdown for good.
 *
 * @param {{id: string, token: string}} gate
 */
export function sendHold({ id, token }) {
  return post("/datasete_gate/hold", { id, token }, stillOpen());
}

/**
 * @param {{preview: string}} gate
 * @param {number} frame from 0
 * @param {number} size pixels of the longer edge, at most
 * @returns {string}
 */
export function previewUrl(gate, frame, size) {
  return api.apiURL(`${gate.preview.replace(/\/\d+$/, "")}/${frame}?size=${size}`);
}

/**
 * @param {{token: string}} gate
 * @param {number} frame from 0
 * @returns {string} the address of the mask that would leave the gate with this frame now: white = painted
 */
export function maskUrl(gate, frame) {
  return api.apiURL(`/datasete_gate/mask/${gate.token}/${frame}`);
}

/**
 * @param {{id: string, token: string}} gate
 * @param {Blob} mask a PNG, white where painted
 * @param {number} [frame] the frame that it is for, from 0; all frames without it
 */
export function sendMask(gate, mask, frame) {
  const body = new FormData();
  body.append("id", gate.id);
  body.append("token", gate.token);
  if (frame !== undefined) body.append("frame", String(frame));
  body.append("mask", mask, "mask.png");
  return ask("/datasete_gate/mask", { method: "POST", body }, stillOpen());
}
