/** One request that adds files to a pool. Made by hand because `fetch` does not tell how far an upload has come. */

import { ServerError } from "../client.js";
import { api } from "../comfy.js";

/** @typedef {import("./client.js").Refusal} Refusal */

/**
 * @param {string} id of the pool
 * @param {File[]} files
 * @param {{operation: string, signal: AbortSignal, progress: (share: number) => void}} options
 * @returns {Promise<{added: string[], errors: Refusal[]}>} names of what was added, and what was refused
 */
export async function sendFiles(id, files, { operation, signal, progress }) {
  const form = new FormData();
  form.append("pool_id", id);
  form.append("operation", operation);
  form.append("limit", "0"); // the pool itself is read once, afterwards
  for (const file of files) form.append("image", file, file.name);
  const { status, body } = await send(form, signal, progress);
  if (Array.isArray(body.errors)) return { added: body.images ?? [], errors: body.errors };
  const { message, hint } = body.error ?? {};
  throw new ServerError(status, message ?? `The server answered ${status}.`, hint ?? "");
}

/**
 * @param {FormData} form
 * @param {AbortSignal} signal
 * @param {(share: number) => void} progress
 * @returns {Promise<{status: number, body: any}>}
 */
function send(form, signal, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const fail = () => reject(new ServerError(0, "The server cannot be reached.", "What has arrived is kept."));
    const stop = () => request.abort();
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.onload = () => resolve({ status: request.status, body: decoded(request.responseText) });
    request.onerror = fail;
    request.onabort = fail;
    request.onloadend = () => signal.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop);
    request.open("POST", api.apiURL("/grid_pool/add"));
    request.setRequestHeader("Comfy-User", /** @type {any} */ (api).user ?? "");
    request.send(form);
  });
}

/** @param {string} text */
function decoded(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
