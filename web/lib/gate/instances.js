/**
 * Gates in a subgraph that is used more than once. One node then stands for several places in the workflow: it shows their
 * gates one at a time, first that of the instance through which the person entered, and says which instance it is.
 */

import { hostsOf, hostsTo } from "../graph.js";
import { guarded } from "../guard.js";
import { displayOf } from "./own_node.js";

/** @typedef {import("../../types/comfy.js").Graph} Graph */
/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/datasete.js").Gate} Gate */

/** @type {WeakMap<Graph, GraphNode>} the node through which a subgraph was last entered */
const entered = new WeakMap();

/** @param {GraphNode | undefined} host */
function enter(host) {
  if (host?.subgraph) entered.set(host.subgraph, host);
}

/**
 * Notes through which node each subgraph is entered.
 *
 * @param {HTMLElement} canvas which says when a subgraph was opened
 * @param {() => void} changed called when another gate may come first
 */
export function followSubgraphs(canvas, changed) {
  const follow = guarded("subgraph", (/** @type {Event} */ event) => {
    enter(/** @type {CustomEvent<{fromNode?: GraphNode}>} */ (event).detail.fromNode);
    changed();
  });
  canvas.addEventListener("subgraph-opened", follow);
}

/** Acts as if the person had come to a gate through the nodes that lead to it. @param {Gate} gate */
export function enterTo(gate) {
  hostsTo(displayOf(gate)).forEach(enter);
}

/** @param {Gate} gate @returns {boolean} whether the person entered through the instance that it belongs to */
export const isEntered = (gate) =>
  hostsTo(displayOf(gate)).every((host) => host.subgraph && entered.get(host.subgraph) === host);

/** @param {Gate} gate @returns {string} the nodes that lead to its instance; "" when there is only one instance */
export function instanceOf(gate) {
  const hosts = hostsTo(displayOf(gate));
  if (!hosts.some(isUsedAgain)) return "";
  return hosts.map((host) => `“${host.title}” (#${host.id})`).join(" › ");
}

/** @param {GraphNode} host @returns {boolean} whether another node stands for the same subgraph */
const isUsedAgain = ({ subgraph }) => Boolean(subgraph && hostsOf(subgraph).length > 1);
