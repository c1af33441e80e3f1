/** Where a loader is, and what its widgets say, also when they are promoted to the outside of a subgraph. */

import { rootGraph } from "../graph.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/comfy.js").Graph} Graph */

const DEEP = 32;

/**
 * @param {GraphNode} node
 * @param {string} name
 * @returns {string | undefined} what the widget is set to; undefined when the value only comes with a run
 */
export function widgetValue(node, name) {
  const input = /** @type {any} */ (node.inputs?.find((each) => widgetName(each) === name));
  if (input && input.link !== null && input.link !== undefined) return valueBehind(node, input.link, DEEP);
  const value = node.widgets?.find((each) => each.name === name)?.value;
  return value === null || value === undefined ? undefined : String(value);
}

/** @param {any} input */
function widgetName(input) {
  return input.widget?.name ?? input.name;
}

/**
 * A wire from the border of a subgraph leads to a widget outside; one from a node is not known before it has run.
 *
 * @param {GraphNode} node
 * @param {number} link
 * @param {number} depth
 * @returns {string | undefined}
 */
function valueBehind(node, link, depth) {
  const wire = node.graph?.getLink(link);
  const border = /** @type {any} */ (node.graph)?.inputNode;
  const outside = node.graph ? parentOf(node.graph) : null;
  if (!depth || !wire || !border || wire.origin_id !== border.id || !outside) return undefined;
  const input = /** @type {any} */ (outside.inputs[wire.origin_slot]);
  if (input?.link !== null && input?.link !== undefined) return valueBehind(outside, input.link, depth - 1);
  const promoted = outside.widgets?.find((each) => each.name === widgetName(input));
  return promoted ? String(promoted.value ?? "") : undefined;
}

/**
 * @param {Graph} graph
 * @returns {GraphNode | null} the node that `graph` is inside of, the first when there are several
 */
function parentOf(graph) {
  for (const { node } of everyNode(rootGraph(), "", DEEP)) if (node.subgraph === graph) return node;
  return null;
}

/**
 * @param {GraphNode} node
 * @returns {string} what a run calls it, such as `2` or `4:2`; "" when it is not in the workflow
 */
export function executionId(node) {
  for (const each of everyNode(rootGraph(), "", DEEP)) if (each.node === node) return each.id;
  return "";
}

/**
 * @param {Graph | undefined} graph
 * @param {string} prefix
 * @param {number} depth
 * @returns {Generator<{id: string, node: GraphNode}>}
 */
function* everyNode(graph, prefix, depth) {
  for (const node of graph?.nodes ?? []) {
    yield { id: `${prefix}${node.id}`, node };
    if (node.subgraph && depth) yield* everyNode(node.subgraph, `${prefix}${node.id}:`, depth - 1);
  }
}
