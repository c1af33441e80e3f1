/** Files to the server, with progress and a way to cancel. By `XMLHttpRequest`: `fetch` does not say how much it has sent. */

import { ServerError, post, repeated, unreachable } from "./client.js";
import { api } from "./comfy.js";
import { say } from "./say.js";

const CANCELLED = 409; // how the server answers a request that was cancelled

/**
 * @typedef {object} Upload
 * @property {string} operation an id, by which the server knows the request again
 * @property {AbortSignal} signal cancels it
 * @property {(share: number) => void} progress called with a number from 0 to 1; at 1 the server has all of it
 * @property {string} unharmed what is as it was when no answer came
 */

/**
 * Sends a form. Cancelling stops what is still being sent, and waits for what the server has already: only the server can say
 * what it has kept, so that the count matches what was stored.
 *
 * @param {string} path
 * @param {FormData} form
 * @param {Upload} upload
 * @returns {Promise<{status: number, body: any} | null>} the answer, also when it is a refusal; null when the upload was
 *   cancelled and nothing of it was kept
 */
export function upload(path, form, { operation, signal, progress, unharmed }) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    let isSent = false;
    /** @type {ReturnType<typeof cancelOperation> | undefined} */
    let cancelled;
    const settle = async () => {
      if (!cancelled) throw unreachable(unharmed);
      const { over, result } = await cancelled;
      if (!over) throw new ServerError(0, say("The server is still working on it."), say("Look again in a moment."));
      return result && { status: 200, body: result };
    };
    const cancel = () => {
      cancelled = cancelOperation(operation);
      cancelled.catch(() => {}); // `settle` looks at it, later
      if (!isSent) sending.abort();
    };
    sending.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    sending.upload.onload = () => (isSent = true);
    sending.onload = () => {
      const { status } = sending;
      if (cancelled && status === CANCELLED) settle().then(resolve, reject);
      else resolve({ status, body: decoded(sending.responseText) });
    };
    sending.onerror = sending.onabort = () => void settle().then(resolve, reject);
    sending.onloadend = () => signal.removeEventListener("abort", cancel);
    signal.addEventListener("abort", cancel);
    sending.open("POST", api.apiURL(path));
    sending.setRequestHeader("Comfy-User", api.user ?? "");
    sending.send(form);
  });
}

/**
 * Cancels what this page has begun under an operation id, and waits until that is over.
 *
 * @param {string} operation
 * @returns {Promise<{over: boolean, result: any}>} `result` is its answer when it was done before it could be cancelled;
 *   else null, and nothing of it is left
 */
function cancelOperation(operation) {
  return repeated(() => post("/grid_pool/stop", { operation }, say("What has arrived is kept.")));
}

/** @param {string} text */
function decoded(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {}; // a proxy's page
  }
}
