/** Walks through the workflow on the canvas: its subgraphs, what a run calls a node, and where wires lead. */

import { app } from "./comfy.js";

/** @typedef {import("../types/comfy.js").Graph} Graph */
/** @typedef {import("../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../types/comfy.js").Link} Link */
/** @typedef {{node: GraphNode, slot: number}} Input */

const DEEPEST = 32; // levels of subgraphs: one that holds itself must not hang the page

/** @returns {Graph} the workflow's outermost graph */
export const rootGraph = () => app.rootGraph ?? app.graph;

/** @returns {Graph[]} the outermost graph and those of all subgraphs, each once however often it is used */
export function allGraphs() {
  const graphs = new Set([rootGraph()].filter(Boolean));
  for (const graph of graphs) for (const { subgraph } of graph.nodes) if (subgraph) graphs.add(subgraph);
  return [...graphs];
}

/** @returns {GraphNode[]} those of all graphs */
export const allNodes = () => allGraphs().flatMap((graph) => graph.nodes);

/** @param {Graph} graph @returns {GraphNode[]} the nodes that stand for a subgraph */
export const hostsOf = (graph) => allNodes().filter((node) => node.subgraph === graph);

/** @returns {GraphNode[]} the nodes selected now */
export function selectedNodes() {
  const { selectedItems, graph } = app.canvas ?? {};
  if (!selectedItems || !graph) return [];
  return graph.nodes.filter((node) => selectedItems.has(node));
}

/**
 * The node that a run calls `executionId`: `"2"`, `"4:2"` inside a subgraph, `"2.0.0.1"` when a node was expanded.
 *
 * @param {string} executionId
 * @returns {GraphNode | null}
 */
export function nodeOf(executionId) {
  /** @type {GraphNode | null} */
  let node = null;
  /** @type {Graph | undefined} */
  let graph = rootGraph();
  for (const id of executionId.split(".", 1)[0].split(":")) {
    node = graph?.getNodeById(id) ?? null;
    graph = node?.subgraph;
  }
  return node;
}

/**
 * @param {string} executionId
 * @returns {GraphNode[]} the subgraphs' nodes that lead from the outermost graph down to the one that it is in
 */
export function hostsTo(executionId) {
  const hosts = [];
  let graph = rootGraph();
  for (const id of executionId.split(":").slice(0, -1)) {
    const host = graph?.getNodeById(id);
    if (!host?.subgraph) break;
    hosts.push(host);
    graph = host.subgraph;
  }
  return hosts;
}

/**
 * @param {GraphNode} node
 * @returns {string} what a run calls it; "" when it is not in the workflow
 */
export function executionIdOf(node) {
  return placeIn(rootGraph(), node, DEEPEST, new Set()) ?? "";
}

/**
 * @param {Graph | undefined} graph
 * @param {GraphNode} wanted
 * @param {number} depth
 * @param {Set<Graph>} searched graphs without it: each is searched once, or subgraphs in subgraphs would be billions of places
 * @returns {string | undefined} its first place in the graph, seen from there
 */
function placeIn(graph, wanted, depth, searched) {
  if (!graph || !depth || searched.has(graph)) return undefined;
  searched.add(graph);
  for (const node of graph.nodes) {
    if (node === wanted) return String(node.id);
    const inner = placeIn(node.subgraph, wanted, depth - 1, searched);
    if (inner) return `${node.id}:${inner}`;
  }
  return undefined;
}

/** @param {GraphNode} node @param {string} name of an input @returns {boolean} */
export function isWired(node, name) {
  const slot = node.inputs?.findIndex((input) => input.name === name) ?? -1;
  return slot >= 0 && Boolean(node.isInputConnected?.(slot));
}

/** @param {GraphNode} node @param {string} name */
export const widgetOf = (node, name) => node.widgets?.find((widget) => widget.name === name);

/**
 * Hides a widget that nobody types into. Its input stays, so that workflows keep its value.
 *
 * @param {GraphNode} node
 * @param {string} name
 */
export function hideWidget(node, name) {
  const widget = /** @type {any} */ (widgetOf(node, name));
  if (!widget) return;
  widget.hidden = true;
  widget.options ??= {};
  widget.options.hidden = true; // in place: older frontends already hold these options, and would not see new ones
}

/**
 * @param {GraphNode} node
 * @param {string} name
 * @returns {string | undefined} what a widget is set to, also when it is promoted to the outside of its subgraph; undefined
 *   when the value only comes with a run
 */
export function widgetValue(node, name) {
  const input = node.inputs?.find((each) => widgetName(each) === name);
  if (isLinked(input)) return valueBehind(node, input.link, DEEPEST);
  const value = widgetOf(node, name)?.value;
  return value === null || value === undefined ? undefined : String(value);
}

/** @param {any} input */
const widgetName = (input) => input.widget?.name ?? input.name;

/** @param {any} input @returns {input is {link: number}} */
const isLinked = (input) => input?.link !== null && input?.link !== undefined;

/**
 * A wire from the border of a subgraph leads to a widget outside; one from a node is not known before it has run.
 *
 * @param {GraphNode} node
 * @param {number} link
 * @param {number} depth
 * @returns {string | undefined}
 */
function valueBehind(node, link, depth) {
  const { graph } = node;
  const wire = graph?.getLink(link);
  if (!depth || !wire || !graph?.inputNode || wire.origin_id !== graph.inputNode.id) return undefined;
  const [outside] = hostsOf(graph); // the first when there are several
  const input = outside?.inputs[wire.origin_slot];
  if (!input) return undefined;
  if (isLinked(input)) return valueBehind(outside, input.link, depth - 1);
  const promoted = widgetOf(outside, widgetName(input));
  return promoted ? String(promoted.value ?? "") : undefined;
}

/**
 * @param {GraphNode} node
 * @param {number} [slot] an output of it
 * @returns {Input[]} the inputs that it feeds: through reroutes, into subgraphs and out of them
 */
export function inputsFedBy(node, slot = 0) {
  /** @type {Input[]} */
  const found = [];
  follow(node, slot, found, new Map());
  return found;
}

/**
 * @param {GraphNode} node
 * @param {number} slot an output of it
 * @param {Input[]} found
 * @param {Map<GraphNode, Set<number>>} seen outputs that were followed already: wires can go round through subgraphs
 */
function follow(node, slot, found, seen) {
  const slots = seen.get(node) ?? new Set();
  const { graph } = node;
  if (slots.has(slot) || !graph) return;
  seen.set(node, slots.add(slot));
  for (const { target_id: id, target_slot: input } of linksFrom(node, graph, slot)) {
    const target = graph.getNodeById(id);
    if (target) arrive({ node: target, slot: input }, found, seen);
    else if (graph.outputNode && String(id) === String(graph.outputNode.id)) {
      for (const host of hostsOf(graph)) follow(host, input, found, seen);
    }
  }
}

/** @param {Input} input @param {Input[]} found @param {Map<GraphNode, Set<number>>} seen */
function arrive({ node, slot }, found, seen) {
  if (node.subgraph) for (const inner of inside(node.subgraph, slot)) arrive(inner, found, seen);
  else if (node.isVirtualNode) follow(node, 0, found, seen);
  else found.push({ node, slot });
}

/** @param {GraphNode} node @param {Graph} graph @param {number} slot @returns {Link[]} any other way to ask misses subgraphs */
function linksFrom(node, graph, slot) {
  return [...graph.links.values()].filter((link) => String(link.origin_id) === String(node.id) && link.origin_slot === slot);
}

/** @param {Graph} graph of a subgraph @param {number} slot an input of it @returns {Input[]} what that feeds inside */
function inside(graph, slot) {
  const links = (graph.inputNode?.slots[slot]?.linkIds ?? []).flatMap((id) => graph.getLink(id) ?? []);
  return links.flatMap(({ target_id: id, target_slot: input }) => {
    const node = graph.getNodeById(id);
    return node ? [{ node, slot: input }] : [];
  });
}
