/** What the server is asked about profiles. Failures come back as `ServerError`. */

import { ask, newId, post, refusal } from "../client.js";
import { api } from "../comfy.js";
import { say } from "../say.js";
import { upload } from "../upload.js";

/** @typedef {{id: string, name: string}} Profile */
/** @typedef {{id: string, label: string, suffix: string, pack: boolean, unpack: boolean}} Format */

const ROUTE = "/grid_pool/profiles";
const unharmed = () => say("All profiles and pools are unharmed. Try again in a moment.");
const nothingImported = () => say("Nothing was imported. Try again in a moment.");

/** @param {string} id @param {string} format @param {Record<string, string>} [more] */
const exportPath = (id, format, more = {}) => `${ROUTE}/export?${new URLSearchParams({ id, format, ...more })}`;

/** @param {string} id @param {string} format @returns {string} the address of the file */
export const exportUrl = (id, format) => api.apiURL(exportPath(id, format));

/**
 * @param {File} file
 * @param {AbortSignal} signal cancels it
 * @param {(share: number) => void} progress from 0 to 1; at 1 the server has the whole file, and reads it
 * @returns {Promise<Profile | null>} null when it was cancelled, and nothing of it is left
 */
export async function importFile(file, signal, progress) {
  const form = new FormData();
  form.append("file", file, file.name);
  const operation = newId();
  const path = `${ROUTE}/import?${new URLSearchParams({ operation })}`;
  const answer = await upload(path, form, { operation, signal, progress, unharmed: nothingImported() });
  if (!answer) return null;
  if (answer.status >= 200 && answer.status < 300 && answer.body.id) return answer.body;
  throw refusal(answer, nothingImported());
}

export const server = {
  /** @param {AbortSignal} signal @returns {Promise<{profiles: Profile[], formats: Format[]}>} */
  list: (signal) => ask(`${ROUTE}/list`, { signal }, unharmed()),

  /** @param {string} name @param {string} [from] id of a pool whose pictures are copied into it @returns {Promise<Profile>} */
  create: (name, from = "") => post(`${ROUTE}/create`, { name, from }, unharmed()),

  /** @param {string} id @param {string} name @returns {Promise<Profile>} */
  rename: (id, name) => post(`${ROUTE}/rename`, { id, name }, unharmed()),

  /** @param {string} id @param {string} name @returns {Promise<Profile>} */
  duplicate: (id, name) => post(`${ROUTE}/duplicate`, { id, name }, unharmed()),

  /** @param {string} id */
  remove: (id) => post(`${ROUTE}/delete`, { id }, unharmed()),

  rebuild: () => post(`${ROUTE}/rebuild`, {}, unharmed()),

  /** @param {string} id @param {string} format @returns {Promise<{filename: string, count: number}>} what an export would contain */
  checkExport: (id, format) => ask(exportPath(id, format, { check: "1" }), {}, unharmed()),

  /** @param {string} id of a pool @returns {Promise<number>} how many pictures it has */
  count: async (id) => (await ask(`/grid_pool/list?${new URLSearchParams({ pool_id: id, limit: "0" })}`, {}, unharmed())).count,

  /**
   * Keeps the picture that a gate shows.
   *
   * @param {{token: string, pool_id?: string, profile?: string, label: string, frames: number | "all", operation: string}} wish
   * @returns {Promise<{pool_id: string, added: number, count: number}>}
   */
  keep: (wish) => post("/datasete_gate/keep", wish, unharmed()),
};
