/**
 * Makes pools show the profiles that are wired to them: what a grid shows is what a run uses.
 *
 * A node that has chosen no profile, or one that is not on this machine, changes nothing. A pool keeps what it shows when its
 * wire is removed.
 */

import { app, redraw } from "../comfy.js";
import { allNodes } from "../graph.js";
import { chain, guarded } from "../guard.js";
import { poolIdOf, setPoolId } from "../pool/node.js";
import { Observable } from "../store.js";
import { chosen, isProfileNode, poolsBehind, setChosen } from "./node.js";
import { profiles } from "./store.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */

/** @param {GraphNode} pool @param {string} id */
export function showPool(pool, id) {
  if (poolIdOf(pool) === id) return;
  setPoolId(pool, id);
  refreshPool(pool);
}

/** @param {GraphNode} pool */
export function refreshPool(pool) {
  guarded("pool refresh", () => /** @type {any} */ (pool)._datasetePoolRefresh?.())();
  redraw(pool);
}

/** @param {GraphNode} node */
function syncNode(node) {
  const profile = profiles.find(chosen(node).id);
  if (!profile) return;
  if (chosen(node).name !== profile.name) setChosen(node, profile); // it was renamed elsewhere
  for (const pool of poolsBehind(node)) showPool(pool, profile.id);
}

/** @param {GraphNode} pool @returns {boolean} whether a profile is wired to it that was chosen on another machine */
export function isProfileMissing(pool) {
  if (!profiles.isKnown) return false;
  const unknown = allNodes().filter((node) => isProfileNode(node) && isUnknown(chosen(node).id));
  return unknown.some((profile) => poolsBehind(profile).includes(pool));
}

/** @param {string} id of a profile; every machine has the default one, and no id means that none is chosen */
const isUnknown = (id) => Boolean(id && id !== "default" && !profiles.find(id));

/** Tells that wires or profiles may have changed, and pools show what they should. */
export const synced = new Observable("sync");

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** Updates all pools in a moment: loading a workflow changes all its wires, one after the other. */
export function syncSoon() {
  timer ??= setTimeout(
    guarded("sync", () => {
      timer = undefined;
      for (const node of allNodes().filter(isProfileNode)) guarded("sync", syncNode)(node);
      synced.notify();
    }),
  );
}

/** @param {GraphNode} node a profile or a pool */
export function followWires(node) {
  chain(node, "onConnectionsChange", syncSoon);
}

/**
 * Chooses a profile for a person, as one step of undo.
 *
 * @param {GraphNode} node
 * @param {{id: string, name: string}} profile
 */
export function choose(node, profile) {
  app.canvas.emitBeforeChange();
  setChosen(node, profile);
  syncNode(node);
  app.canvas.emitAfterChange();
  redraw(node);
  syncSoon();
}
