/** One request that adds pictures to a pool. Made by hand because `fetch` does not tell how far an upload has come. */

import { ServerError } from "../client.js";
import { api } from "../comfy.js";
import { stopWork } from "./client.js";
import { labelIn } from "./pictures.js";

/** @typedef {import("./client.js").Refusal} Refusal */
/** @typedef {import("./pictures.js").Picture} Picture */
const STOPPED = 409;

/** @typedef {{operation: string, signal: AbortSignal, progress: (share: number) => void}} Options */

/**
 * @param {string} id of the pool
 * @param {Picture[]} pictures
 * @param {Options} options
 * @returns {Promise<{added: string[], errors: Refusal[]} | null>} names of what was added, and what was refused; null when
 *   it was stopped, and none was added
 */
export async function sendPictures(id, pictures, options) {
  const { status, body } = await send(await formOf(id, pictures, options.operation), options);
  if (options.signal.aborted && status === STOPPED) return null;
  if (Array.isArray(body.errors)) return { added: body.images ?? [], errors: body.errors };
  const { message, hint } = body.error ?? {};
  throw new ServerError(status, message ?? `The server answered ${status}.`, hint ?? "");
}

/** @param {string} id @param {Picture[]} pictures @param {string} operation @returns {Promise<FormData>} */
async function formOf(id, pictures, operation) {
  const form = new FormData();
  form.append("pool_id", id);
  form.append("operation", operation);
  form.append("limit", "0"); // the pool itself is read once, afterwards
  if (pictures.some(({ caption }) => caption)) {
    for (const { caption } of pictures) form.append("label", await labelIn(caption));
  }
  const hasMasks = pictures.some(({ mask }) => mask);
  for (const { file, mask } of pictures) {
    form.append("image", file, file.name);
    if (hasMasks) form.append("mask", mask ?? new Blob(), mask?.name ?? "none");
  }
  return form;
}

/**
 * Stopping cuts off what is still being sent; what the server has is waited for. Either way the server says what it has
 * kept, so that nothing is counted that is not there, nor the other way round.
 *
 * @param {FormData} form
 * @param {Options} options
 * @returns {Promise<{status: number, body: any}>}
 */
function send(form, { operation, signal, progress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let isSent = false;
    /** @type {Promise<any> | undefined} */
    let stopped;
    const fail = () => reject(new ServerError(0, "The server cannot be reached.", "What has arrived is kept."));
    const stop = () => {
      stopped = stopWork(operation);
      stopped.catch(() => {});
      if (!isSent) request.abort();
    };
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.upload.onload = () => (isSent = true);
    request.onload = () => resolve({ status: request.status, body: decoded(request.responseText) });
    request.onerror = fail;
    request.onabort = () =>
      stopped?.then(({ over, result }) => {
        if (over) resolve(result ? { status: 200, body: result } : { status: STOPPED, body: {} });
        else fail();
      }, fail);
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
