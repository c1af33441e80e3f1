/** What the server is asked, in one place. Failures come back as `ServerError` with a sentence for the user. */

import { api } from "./comfy.js";

export const CANCEL = "__cancel__";
export const RETRY = "__retry__";

/** @typedef {number | typeof CANCEL | typeof RETRY} Message a route, from 1, the end of the run, or another attempt */

/** A refusal, in the server's own words. */
export class ServerError extends Error {
  /**
   * @param {number} status 0 when there was no answer at all
   * @param {string} message what happened
   * @param {string} hint what is unharmed and what to do
   */
  constructor(status, message, hint) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<any>} the decoded JSON
 */
export async function ask(path, init) {
  const response = await api.fetchApi(path, { cache: "no-store", ...init }).catch(noAnswer);
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const { message, hint } = body.error ?? {};
  throw new ServerError(response.status, message ?? `The server answered ${response.status}.`, hint ?? "");
}

/** @returns {never} */
function noAnswer() {
  throw new ServerError(0, "The server cannot be reached.", "The gate is still open there. Try again in a moment.");
}

/**
 * @param {{id: string, token: string}} gate
 * @param {Message} message
 */
export function sendChoice(gate, message) {
  const body = JSON.stringify({ id: gate.id, token: gate.token, message });
  return ask("/datasete_gate/choice", { method: "POST", headers: { "Content-Type": "application/json" }, body });
}

/**
 * Ends a gate's countdown for good.
 *
 * @param {{id: string, token: string}} gate
 */
export function sendHold(gate) {
  const body = JSON.stringify({ id: gate.id, token: gate.token });
  return ask("/datasete_gate/hold", { method: "POST", headers: { "Content-Type": "application/json" }, body });
}

/** @returns {Promise<import("../types/datasete.js").Gate[]>} open gates, oldest first */
export async function fetchPending() {
  const { gates } = await ask(`/datasete_gate/pending?client_id=${encodeURIComponent(api.clientId ?? "")}`);
  return gates;
}

/** @returns {Promise<string[]>} the names of all slots in natural order */
export async function fetchSlots() {
  const { ids } = await ask("/datasete_gate/bus/list");
  return ids;
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
