/** The pools that this page has open, one of each however many nodes show it, kept in line with everybody else's edits. */

import { guarded } from "../guard.js";
import { Pool } from "./model.js";

const KEPT = 12;

/** @type {Map<string, Pool>} */
const open = new Map();

/**
 * @param {string} id
 * @returns {Pool} read already, or about to be
 */
export function poolOf(id) {
  const known = open.get(id);
  if (known) return known;
  forget();
  const pool = new Pool(id);
  open.set(id, pool);
  guarded("pool", () => pool.refresh())();
  return pool;
}

/** Pools that no node shows are kept for a while: undo and tab switches make all nodes anew. */
function forget() {
  for (const [id, pool] of open) {
    if (open.size < KEPT) return;
    if (!pool.observers.size) open.delete(id);
  }
}

/** @param {import("../../types/comfy.js").Api} api */
export function listenForPools(api) {
  api.addEventListener("datasete-pool-changed", guarded("pool changed", ({ detail }) => changed(detail)));
  api.addEventListener("reconnected", guarded("pools", refreshAll));
  // Other programs edit pools as well, and they tell nobody.
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
 * The news of an edit often comes before its answer.
 *
 * @param {Pool} pool
 * @param {number} revision
 */
async function afterOwn(pool, revision) {
  await pool.sending;
  if (revision !== pool.revision) await pool.refresh();
}

function refreshAll() {
  for (const pool of shownPools()) guarded("pool", () => pool.refresh())();
}

function lookAtAll() {
  for (const pool of shownPools()) guarded("pool", () => pool.look())();
}

/** @returns {Pool[]} those that a node shows; what is known of the others may be old by the time that one does */
function shownPools() {
  for (const [id, pool] of open) if (!pool.observers.size) open.delete(id);
  return [...open.values()];
}
