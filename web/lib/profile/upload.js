/** One file to the server, with its progress: `fetch` tells nobody how much of a body it has sent. */

import { ServerError } from "../client.js";
import { api } from "../comfy.js";
import { profileRoutes } from "./client.js";

const NOTHING = "Nothing was imported. Try again in a moment.";

/**
 * @param {File} file
 * @param {(share: number) => void} progress from 0 to 1; at 1 the server has it all, and reads it
 * @returns {{done: Promise<{id: string, name: string}>, cancel: () => void}} rejected with `ServerError`; one without a
 *   message was cancelled
 */
export function importFile(file, progress) {
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("file", file, file.name);
  /** @type {Promise<{id: string, name: string}>} */
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.onload = () => settle(request, resolve, reject);
    request.onerror = () => reject(new ServerError(0, "The server cannot be reached.", NOTHING));
    request.onabort = () => reject(new ServerError(0, "", "Nothing was imported."));
  });
  request.open("POST", api.apiURL(profileRoutes.import));
  request.setRequestHeader("Comfy-User", /** @type {any} */ (api).user ?? "");
  request.send(body);
  return { done, cancel: () => request.abort() };
}

/**
 * @param {XMLHttpRequest} request
 * @param {(profile: {id: string, name: string}) => void} resolve
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
