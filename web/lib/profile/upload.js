/** One file to the server, with its progress: `fetch` tells nobody how much of a body it has sent. */

import { ServerError } from "../client.js";
import { api } from "../comfy.js";
import { stopWork } from "../pool/client.js";
import { newId } from "../pool/node.js";
import { profileRoutes } from "./client.js";

/** @typedef {import("./client.js").Profile} Profile */

const NOTHING = "Nothing was imported. Try again in a moment.";

/**
 * @param {File} file
 * @param {(share: number) => void} progress from 0 to 1; at 1 the server has it all, and reads it
 * @returns {{done: Promise<Profile | null>, cancel: () => void}} null when it was cancelled, and nothing of it is left;
 *   rejected with `ServerError`
 */
export function importFile(file, progress) {
  const operation = newId();
  const request = new XMLHttpRequest();
  /** @type {Promise<{over: boolean, result: Profile | null}> | undefined} */
  let stopped;
  let isSent = false;
  request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
  request.upload.onload = () => (isSent = true);
  const cancel = () => {
    stopped ??= stopWork(operation);
    stopped.catch(() => {});
    if (!isSent) request.abort(); // what the server has already, it stops by itself
  };
  const done = sent(request, file, operation).catch((error) => outcome(error, stopped));
  return { done, cancel };
}

/** @param {unknown} error of the request @param {Promise<{over: boolean, result: Profile | null}> | undefined} stopped */
async function outcome(error, stopped) {
  if (!stopped) throw error;
  const { over, result } = await stopped;
  if (over) return result;
  throw new ServerError(0, "The import is still under way.", "The list of profiles shows it when it is done.");
}

/** @param {XMLHttpRequest} request @param {File} file @param {string} operation @returns {Promise<Profile>} */
function sent(request, file, operation) {
  const body = new FormData();
  body.append("file", file, file.name);
  return new Promise((resolve, reject) => {
    request.onload = () => settle(request, resolve, reject);
    request.onerror = request.onabort = () => reject(new ServerError(0, "The server cannot be reached.", NOTHING));
    request.open("POST", api.apiURL(`${profileRoutes.import}?operation=${operation}`));
    request.setRequestHeader("Comfy-User", /** @type {any} */ (api).user ?? "");
    request.send(body);
  });
}

/**
 * @param {XMLHttpRequest} request
 * @param {(profile: Profile) => void} resolve
 * @param {(error: ServerError) => void} reject
 */
function settle({ status, responseText }, resolve, reject) {
  const body = parsed(responseText);
  if (status >= 200 && status < 300 && body.id) return resolve(body);
  const { message, hint } = body.error ?? {};
  return reject(new ServerError(status, message ?? `The server answered ${status}.`, hint ?? NOTHING));
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
