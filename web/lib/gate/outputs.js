/**
 * The gate's outputs: always `mask`, and as many routes as its widget says, each with a label that the user may give.
 *
 * Slots are only added and removed at the end, so that a slot's index is always the index of the server's output. Labels
 * live in `properties.routeLabels`, which ComfyUI includes however a node is saved or copied.
 */

import { redraw } from "../comfy.js";
import { isWired, widgetOf } from "../graph.js";
import { chain } from "../guard.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */

export const MAX_ROUTES = 10;
const FIRST = 1; // slot 0 is the mask

/** @typedef {{node: GraphNode, slot: number}} Target an input */
/** @typedef {import("../../types/comfy.js").SubgraphOutput} SubgraphOutput */

/** @type {WeakMap<GraphNode, Map<number, {targets: Target[], outlets: SubgraphOutput[]}>>} links that a removed route had */
const parked = new WeakMap();

/**
 * @param {GraphNode} node
 * @returns {number} how many routes it offers; all of them when a wire decides that at run time
 */
export function routeCount(node) {
  if (isWired(node, "routes")) return MAX_ROUTES;
  const value = Number(widgetOf(node, "routes")?.value);
  return Math.min(MAX_ROUTES, Math.max(1, Math.round(value) || 2));
}

/**
 * Shows as many route outputs as there are routes.
 *
 * @param {GraphNode} node
 * @param {{outputs?: {links?: number[] | null}[]}} [saved] the node as saved, while a workflow is being loaded: outputs
 *   that are linked there stay, because the user has not changed anything yet
 */
export function fitOutputs(node, saved) {
  const linked = saved?.outputs?.findLastIndex((output) => output?.links?.length) ?? 0;
  const wanted = FIRST + Math.max(routeCount(node), linked);
  while (node.outputs.length > wanted) dropLast(node);
  while (node.outputs.length < wanted) addNext(node);
  applyLabels(node);
}

/** @param {GraphNode} node */
function dropLast(node) {
  const slot = node.outputs.length - 1;
  parkedOf(node).set(slot, { targets: targets(node, slot), outlets: outletsOf(node, slot) });
  node.removeOutput(slot);
}

/** @param {GraphNode} node */
function addNext(node) {
  const slot = node.outputs.length;
  node.addOutput(`route_${slot}`, "IMAGE");
  restoreLinks(node, slot);
}

/** @param {GraphNode} node @param {number} slot gets back the links that it had, except to what has another source by now */
function restoreLinks(node, slot) {
  const before = parkedOf(node).get(slot);
  for (const { node: target, slot: input } of before?.targets ?? []) {
    const isThere = target.graph && target.graph === node.graph;
    if (isThere && !target.isInputConnected?.(input)) node.connect(slot, target, input);
  }
  for (const outlet of before?.outlets ?? []) {
    const isThere = node.graph?.outputNode?.slots.includes(outlet);
    if (isThere && !outlet.linkIds.length) outlet.connect(node.outputs[slot], node);
  }
  parkedOf(node).delete(slot);
}

/**
 * @param {GraphNode} node
 * @param {number} slot
 * @returns {Target[]} the inputs that an output feeds
 */
function targets(node, slot) {
  // We compare link ids, because a subgraph's node answers `getInputLink` for what is inside it.
  const links = new Set(node.outputs[slot]?.links ?? []);
  if (!node.graph || !links.size) return [];
  return (node.getOutputNodes?.(slot) ?? []).flatMap((target) =>
    target.inputs.flatMap(({ link }, input) => (link && links.has(link) ? [{ node: target, slot: input }] : [])),
  );
}

/** @param {GraphNode} node @param {number} slot @returns {SubgraphOutput[]} outputs of the surrounding subgraph that it feeds */
function outletsOf(node, slot) {
  const links = node.outputs[slot]?.links ?? [];
  return (node.graph?.outputNode?.slots ?? []).filter(({ linkIds }) => linkIds.some((id) => links.includes(id)));
}

/** @param {GraphNode} node */
function parkedOf(node) {
  const map = parked.get(node) ?? new Map();
  parked.set(node, map);
  return map;
}

/**
 * @param {GraphNode} node
 * @returns {string[]} labels by route; an empty one stands for the default
 */
function labelsOf(node) {
  node.properties ??= {};
  if (!Array.isArray(node.properties.routeLabels)) node.properties.routeLabels = [];
  return node.properties.routeLabels;
}

/**
 * @param {GraphNode} node
 * @param {number} route from 1
 * @returns {string} the label that the user gave it, else its number
 */
export function labelOf(node, route) {
  return String(labelsOf(node)[route - 1] ?? "").trim() || String(route);
}

/**
 * @param {GraphNode} node
 * @param {number} route from 1
 * @param {string} text "" restores the default
 */
export function setLabel(node, route, text) {
  const labels = [...labelsOf(node)];
  while (labels.length < route) labels.push("");
  labels[route - 1] = text.trim() === String(route) ? "" : text.trim();
  // A new array, because undo compares the old one with the new one.
  node.properties.routeLabels = labels;
  applyLabels(node);
}

/** @param {GraphNode} node */
function applyLabels(node) {
  for (let slot = FIRST; slot < node.outputs.length; slot++) {
    const output = node.outputs[slot];
    const label = labelOf(node, slot);
    if (output.label === label) continue;
    // Vue nodes notice when a slot is replaced, but not when it is changed.
    const Slot = /** @type {any} */ (output.constructor);
    node.outputs[slot] = Slot === Object ? { ...output, label } : new Slot({ ...output, label }, node);
  }
  redraw(node);
}

/**
 * Reads the labels of a saved node: from its properties, else from where older workflows have them.
 *
 * @param {GraphNode} node
 * @param {{widgets_values?: unknown, properties?: Record<string, unknown>} | undefined} saved
 */
export function readLabels(node, saved) {
  if (Array.isArray(saved?.properties?.routeLabels)) return;
  const labels = olderLabels(saved?.widgets_values);
  if (labels) node.properties.routeLabels = labels.slice(0, MAX_ROUTES).map((label) => String(label ?? ""));
}

/**
 * Reads the labels of older workflows, which have them after the values of the widgets: as a list, or as JSON.
 *
 * @param {unknown} values
 * @returns {unknown[] | undefined}
 */
function olderLabels(values) {
  const extra = Array.isArray(values) ? values.slice(3) : values && typeof values === "object" ? Object.values(values) : [];
  for (const value of extra) {
    const list = typeof value === "string" && value.startsWith("[") ? parsed(value) : value;
    if (Array.isArray(list)) return list;
    if (Array.isArray(list?.routeLabels)) return list.routeLabels;
  }
  return undefined;
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a name that happens to start with a bracket
  }
}

/**
 * Follows the `routes` widget, and adopts labels that the user gave through ComfyUI's own "Rename Slot".
 *
 * @param {GraphNode} node
 * @param {() => void} onChange called when the number of routes has changed
 */
export function followRoutes(node, onChange) {
  const widget = widgetOf(node, "routes");
  const follow = () => {
    fitOutputs(node);
    onChange();
  };
  if (widget) chain(widget, "callback", follow);
  chain(node, "onSerialize", (data) => adoptRenamed(node, data));
}

/**
 * @param {GraphNode} node
 * @param {{properties?: Record<string, unknown>}} data the node as it is about to be saved
 */
function adoptRenamed(node, data) {
  for (let slot = FIRST; slot < node.outputs.length; slot++) {
    const { label } = node.outputs[slot];
    if (label && label !== labelOf(node, slot)) setLabel(node, slot, label);
  }
  if (data.properties) data.properties.routeLabels = [...labelsOf(node)];
}
