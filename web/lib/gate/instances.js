/**
 * A gate in a subgraph that is used more than once: one node stands for several places of the workflow. It shows their gates
 * one at a time, that of the place one came through first, and says which place it is.
 */

import { hostsTo, rootGraph } from "../comfy.js";
import { guarded } from "../guard.js";

/** @typedef {import("../../types/comfy.js").Graph} Graph */
/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/datasete.js").Gate} Gate */

/** @type {WeakMap<Graph, GraphNode>} the node through which a subgraph was entered last */
const entered = new WeakMap();

/** @param {GraphNode | undefined} host */
function enter(host) {
  if (host?.subgraph) entered.set(host.subgraph, host);
}

/**
 * @param {HTMLElement} canvas where ComfyUI says that a subgraph was opened
 * @param {() => void} changed another gate may come first now
 */
export function followSteps(canvas, changed) {
  const follow = guarded("subgraph", (/** @type {Event} */ event) => {
    enter(/** @type {CustomEvent<{fromNode?: GraphNode}>} */ (event).detail.fromNode);
    changed();
  });
  canvas.addEventListener("subgraph-opened", follow);
}

/** Comes to a gate as if through the nodes that lead to it. @param {Gate} gate */
export function enterTo(gate) {
  hostsTo(gate.id).forEach(enter);
}

/** @param {Gate} gate @returns {boolean} whether one came through the place that it belongs to */
export const isEntered = ({ id }) => hostsTo(id).every((host) => host.subgraph && entered.get(host.subgraph) === host);

/** @param {Gate} gate @returns {string} which of several places of the workflow it belongs to; "" when there is but one */
export function placeOf({ id }) {
  const hosts = hostsTo(id);
  if (!hosts.some(isUsedAgain)) return "";
  return hosts.map((host) => `“${host.title}” (#${host.id})`).join(" › ");
}

/** @param {GraphNode} host @returns {boolean} whether another node stands for the same subgraph */
function isUsedAgain({ subgraph }) {
  const nodes = [...everyGraph(rootGraph(), new Set())].flatMap((graph) => graph.nodes);
  return nodes.filter((node) => node.subgraph === subgraph).length > 1;
}

/**
 * @param {Graph} graph
 * @param {Set<Graph>} seen
 * @returns {Generator<Graph>} it and all that are inside of it, each once
 */
function* everyGraph(graph, seen) {
  if (seen.has(graph)) return;
  seen.add(graph);
  yield graph;
  for (const { subgraph } of graph.nodes) if (subgraph) yield* everyGraph(subgraph, seen);
}
