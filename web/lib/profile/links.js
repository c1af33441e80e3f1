/** Which pools a profile node feeds: through reroutes, into subgraphs and out of them. */

import { isPoolNode } from "../pool/node.js";
import { allNodes } from "./node.js";

/** @typedef {import("../../types/comfy.js").Graph} Graph */
/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/comfy.js").Link} Link */

const INPUT = "profile";

/** @param {GraphNode} node @returns {GraphNode[]} pool nodes, each once */
export function poolsBehind(node) {
  /** @type {Set<GraphNode>} */
  const found = new Set();
  follow(node, 0, found, new Map());
  return [...found];
}

/**
 * @param {GraphNode} node
 * @param {number} slot an output of it
 * @param {Set<GraphNode>} found
 * @param {Map<GraphNode, Set<number>>} seen outputs that were followed already: wires can go round through subgraphs
 */
function follow(node, slot, found, seen) {
  const slots = seen.get(node) ?? new Set();
  if (slots.has(slot) || !node.graph) return;
  seen.set(node, slots.add(slot));
  for (const { target_id: id, target_slot: input } of linksFrom(node, slot)) {
    const target = node.graph.getNodeById(id);
    if (target) arrive(target, input, found, seen);
  }
  for (const output of outputsFedBy(node, slot)) {
    for (const host of hostsOf(node.graph)) follow(host, output, found, seen);
  }
}

/**
 * @param {GraphNode} node
 * @param {number} slot an input of it
 * @param {Set<GraphNode>} found
 * @param {Map<GraphNode, Set<number>>} seen
 */
function arrive(node, slot, found, seen) {
  if (isPoolNode(node)) {
    if (node.inputs[slot]?.name === INPUT) found.add(node);
  } else if (node.subgraph) {
    for (const inner of inside(node.subgraph, slot)) arrive(inner.node, inner.slot, found, seen);
  } else if (node.isVirtualNode) {
    follow(node, 0, found, seen);
  }
}

/** @param {GraphNode} node @param {number} slot @returns {Link[]} within its graph: no other way to ask knows subgraphs */
function linksFrom(node, slot) {
  const { links } = /** @type {{links: Map<number, Link>}} */ (/** @type {unknown} */ (node.graph));
  return [...links.values()].filter((link) => String(link.origin_id) === String(node.id) && link.origin_slot === slot);
}

/** @param {Graph} graph of a subgraph @param {number} slot an input of it @returns {{node: GraphNode, slot: number}[]} */
function inside(graph, slot) {
  return linksOf(graph, graph.inputNode?.slots[slot]).flatMap(({ target_id: id, target_slot: input }) => {
    const node = graph.getNodeById(id);
    return node ? [{ node, slot: input }] : [];
  });
}

/** @param {GraphNode} node @param {number} slot @returns {number[]} outputs of the subgraph around it that it feeds */
function outputsFedBy(node, slot) {
  const { outputNode } = /** @type {{outputNode?: {id: string | number}}} */ (/** @type {unknown} */ (node.graph));
  return linksFrom(node, slot).flatMap(({ target_id: id, target_slot: output }) =>
    outputNode && String(id) === String(outputNode.id) ? [output] : [],
  );
}

/** @param {Graph} graph @param {{linkIds?: number[]} | undefined} slot of a subgraph's edge @returns {Link[]} */
const linksOf = (graph, slot) => (slot?.linkIds ?? []).flatMap((id) => graph.getLink(id) ?? []);

/** @param {Graph} graph @returns {GraphNode[]} the nodes that stand for a subgraph */
const hostsOf = (graph) => allNodes().filter((node) => node.subgraph === graph);
