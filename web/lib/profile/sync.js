/**
 * Keeps pools in line with the profiles they are wired to: what a grid shows is what a run uses.
 *
 * A profile that is not chosen, or not known here, changes nothing; a pool that is unwired keeps what it had.
 */

import { redraw, app } from "../comfy.js";
import { chain, guarded } from "../guard.js";
import { poolIdOf, setPoolId } from "../pool/node.js";
import { poolsBehind } from "./links.js";
import { allNodes, chosen, isProfileNode, setChosen } from "./node.js";
import { profiles } from "./profiles.js";

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

/** @type {Set<() => void>} */
const observers = new Set();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** Brings everything in line soon: loading a workflow changes every wire of it, one after the other. */
export function syncSoon() {
  timer ??= setTimeout(
    guarded("sync", () => {
      timer = undefined;
      for (const node of allNodes().filter(isProfileNode)) guarded("sync", syncNode)(node);
      observers.forEach((observer) => guarded("sync", observer)());
    }),
  );
}

/** @param {() => void} observer called whenever wires or profiles may have changed */
export const onSynced = (observer) => void observers.add(observer);

/** @param {GraphNode} node a profile or a pool */
export function followWires(node) {
  chain(node, "onConnectionsChange", syncSoon);
}

/**
 * A person chose: one step of undo.
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
