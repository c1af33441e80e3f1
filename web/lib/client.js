/** Requests to the server. Whatever goes wrong comes back as a `ServerError` with a sentence for the person at the page. */

import { api } from "./comfy.js";
import { say } from "./say.js";

/** A request that failed, in the server's own words where there was an answer. */
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

const unharmedHere = () => say("Nothing was changed. Check that ComfyUI is running, then try again.");

/** @param {string} [unharmed] what is as it was */
export const unreachable = (unharmed = unharmedHere()) => new ServerError(0, say("The server cannot be reached."), unharmed);

/**
 * @param {{status: number, body: {error?: {message?: string, hint?: string}}}} answer
 * @param {string} [hint] when the server gives none
 */
export function refusal({ status, body: { error } }, hint = "") {
  return new ServerError(status, error?.message ?? say("The server answered {status}.", { status }), error?.hint ?? hint);
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @param {string} [unharmed] what is as it was when no answer came
 * @returns {Promise<Response>} with a status that means success
 */
export async function request(path, init, unharmed) {
  const response = await api.fetchApi(path, init).catch((error) => {
    throw error.name === "AbortError" ? error : unreachable(unharmed);
  });
  if (response.ok) return response;
  throw refusal({ status: response.status, body: await response.json().catch(() => ({})) });
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
 * Sends a request once more when its answer was lost. Only for requests that have the same effect when they arrive twice:
 * reads, and those with an operation id.
 *
 * @template T
 * @param {() => Promise<T>} send
 * @returns {Promise<T>}
 */
export async function repeated(send) {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof ServerError) || error.status !== 0) throw error;
    return send();
  }
}

/** @returns {string} a random UUID, also where the page is not served securely and so has no `randomUUID` */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
