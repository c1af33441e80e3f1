/** The pools that this page has open, each once however many nodes show it, and kept up to date with everybody's edits. */

import { guarded } from "../guard.js";
import { Pool } from "./store.js";

const MAX_OPEN = 12; // from which on pools that no node shows are forgotten

/** @type {Map<string, Pool>} */
const open = new Map();

/**
 * @param {string} id
 * @returns {Pool} which has been read, or is about to be
 */
export function poolOf(id) {
  const known = open.get(id);
  if (known) return known;
  forget();
  const pool = new Pool(id);
  open.set(id, pool);
  pool.refresh();
  return pool;
}

/** Forgets pools that no node shows, but not at once: undo and a change of tabs make all nodes again. */
function forget() {
  for (const [id, pool] of open) {
    if (open.size < MAX_OPEN) return;
    if (!pool.observers.size) open.delete(id);
  }
}

/** @param {import("../../types/comfy.js").Api} api */
export function listenForPools(api) {
  api.addEventListener("datasete-pool-changed", guarded("pool changed", ({ detail }) => changed(detail)));
  api.addEventListener("reconnected", guarded("pools", refreshAll));
  // Other programs edit pools without an event.
  window.addEventListener("focus", guarded("pools", lookAtAll));
}

/** @param {{pool: string, revision: number}} change */
function changed({ pool, revision }) {
  const known = open.get(pool);
  if (!known) return undefined;
  if (!known.observers.size) return open.delete(pool);
  return afterOwn(known, revision);
}

/**
 * Reads a pool again, unless the event is that of our own edit. An event often comes before the answer.
 *
 * @param {Pool} pool
 * @param {number} revision
 */
async function afterOwn(pool, revision) {
  await pool.sending;
  if (revision !== pool.revision) await pool.refresh();
}

function refreshAll() {
  for (const pool of shownPools()) pool.refresh();
}

function lookAtAll() {
  for (const pool of shownPools()) guarded("pool", () => pool.look())();
}

/** @returns {Pool[]} those that a node shows; the others are forgotten, because they would not be up to date later */
function shownPools() {
  for (const [id, pool] of open) if (!pool.observers.size) open.delete(id);
  return [...open.values()];
}
