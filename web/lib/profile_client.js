/** What the server is asked about profiles. Failures come back as `ServerError`. */

import { ServerError, ask } from "./client.js";

/** @typedef {{id: string, name: string}} Profile */
/** @typedef {{id: string, label: string, suffix: string, pack: boolean, unpack: boolean}} Format */

const ROUTE = "/grid_pool/profiles";
const UNHARMED = "All profiles and pools are unharmed. Try again in a moment.";

/**
 * @param {string} path
 * @param {RequestInit} [init]
 */
async function askAbout(path, init) {
  try {
    return await ask(path, init);
  } catch (error) {
    if (error instanceof ServerError && !error.status) error.hint = UNHARMED;
    throw error;
  }
}

/**
 * @param {string} path
 * @param {Record<string, unknown>} body
 */
const post = (path, body) =>
  askAbout(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

/** @param {string} id @param {string} format @param {Record<string, string>} [more] */
const exportPath = (id, format, more = {}) => `${ROUTE}/export?${new URLSearchParams({ id, format, ...more })}`;

export const profileRoutes = {
  import: `${ROUTE}/import`,
  export: exportPath,
};

export const server = {
  /** @returns {Promise<{profiles: Profile[], formats: Format[]}>} */
  list: () => askAbout(`${ROUTE}/list`),

  /** @param {string} name @param {string} [from] a pool whose pictures are copied into it @returns {Promise<Profile>} */
  create: (name, from = "") => post(`${ROUTE}/create`, { name, from }),

  /** @param {string} id @param {string} name @returns {Promise<Profile>} */
  rename: (id, name) => post(`${ROUTE}/rename`, { id, name }),

  /** @param {string} id @param {string} name @returns {Promise<Profile>} */
  duplicate: (id, name) => post(`${ROUTE}/duplicate`, { id, name }),

  /** @param {string} id */
  remove: (id) => post(`${ROUTE}/delete`, { id }),

  rebuild: () => post(`${ROUTE}/rebuild`, {}),

  /** @param {string} id @param {string} format @returns {Promise<{filename: string, count: number}>} what it would be */
  checkExport: (id, format) => askAbout(exportPath(id, format, { check: "1" })),

  /** @param {string} id of a pool @returns {Promise<number>} how many pictures it has */
  count: async (id) => (await askAbout(`/grid_pool/list?${new URLSearchParams({ pool_id: id, limit: "0" })}`)).count,

  /**
   * Keeps what a gate shows.
   *
   * @param {{token: string, pool_id?: string, profile?: string, label: string, frames: number | "all", operation: string}} wish
   * @returns {Promise<{pool_id: string, added: number, count: number}>}
   */
  keep: (wish) => post("/datasete_gate/keep", wish),
};
