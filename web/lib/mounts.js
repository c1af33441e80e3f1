/**
 * Keeps the element of a node's widget on the page.
 *
 * Undo, redo and a change of tabs build all nodes anew under their old ids. Vue nodes then go on showing the element of the
 * node that was: it looks right, and its buttons reach nobody. Where that is seen, the element that counts takes its place.
 */

import { app } from "./comfy.js";
import { chain, guarded } from "./guard.js";

/** @typedef {import("../types/comfy.js").GraphNode} GraphNode */

const LOOKS = [50, 300, 1000]; // milliseconds after a node was made: Vue takes its time

/** @type {Map<GraphNode, HTMLElement>} */
const kept = new Map();

/**
 * @param {GraphNode} node
 * @param {HTMLElement} element of one of its widgets, with a class of its own kind first
 */
export function keepMounted(node, element) {
  kept.set(node, element);
  chain(node, "onRemoved", () => kept.delete(node));
  chain(node, "onAdded", () => kept.set(node, element));
  for (const time of LOOKS) setTimeout(guarded("mounts", mend), time);
}

function mend() {
  for (const [node, element] of kept) {
    if (element.isConnected || node.graph !== app.canvas?.graph) continue;
    const place = document.querySelector(`[data-node-id="${CSS.escape(String(node.id))}"]`);
    const stale = place?.querySelector(`.${element.classList[0]}`);
    if (!stale) continue;
    element.classList.add(...[...stale.classList].filter((name) => /^[hw]-full$/.test(name))); // as Vue gave it
    stale.replaceWith(element);
  }
}
