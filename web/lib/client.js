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

/** What calls about a gate say is unharmed. */
export const STILL_OPEN = "The gate is still open there. Try again in a moment.";

const HARMLESS = "Nothing was changed. Check that ComfyUI is running, then try again.";
const PATIENCE = 15_000; // milliseconds: a question that got lost on its way must not keep the next one waiting

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @param {string} [unharmed] what is as it was when there is no answer
 * @returns {Promise<Response>} one that is no refusal
 */
export async function request(path, init, unharmed = HARMLESS) {
  const response = await api.fetchApi(path, init).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new ServerError(0, "The server cannot be reached.", unharmed);
  });
  if (response.ok) return response;
  const { message, hint } = (await response.json().catch(() => ({}))).error ?? {};
  throw new ServerError(response.status, message ?? `The server answered ${response.status}.`, hint ?? "");
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @param {string} [unharmed] see `request`
 * @returns {Promise<any>} the decoded JSON
 */
export async function ask(path, init, unharmed) {
  const response = await request(path, { cache: "no-store", ...init }, unharmed);
  return response.json().catch(() => ({}));
}

/**
 * @param {string} path
 * @param {object} body sent as JSON
 * @param {string} [unharmed] see `request`
 * @returns {Promise<any>} the decoded JSON
 */
export function post(path, body, unharmed) {
  const headers = { "Content-Type": "application/json" };
  return ask(path, { method: "POST", headers, body: JSON.stringify(body) }, unharmed);
}

/**
 * @param {{id: string, token: string}} gate
 * @param {Message} message
 */
export function sendChoice({ id, token }, message) {
  return post("/datasete_gate/choice", { id, token, message }, STILL_OPEN);
}

/**
 * Ends a gate's countdown for good.
 *
 * @param {{id: string, token: string}} gate
 */
export function sendHold({ id, token }) {
  return post("/datasete_gate/hold", { id, token }, STILL_OPEN);
}

/** @returns {Promise<import("../types/datasete.js").Gate[]>} open gates, oldest first */
export async function fetchPending() {
  const path = `/datasete_gate/pending?client_id=${encodeURIComponent(api.clientId ?? "")}`;
  return (await ask(path, { signal: AbortSignal.timeout(PATIENCE) }, STILL_OPEN)).gates;
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
