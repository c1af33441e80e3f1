/** What a profile node has chosen: a name for people in `profile`, and the id that counts in the hidden `profile_id`. */

import { rootGraph } from "../comfy.js";

/** @typedef {import("../../types/comfy.js").Graph} Graph */
/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */

export const PROFILE_NODE = "PoolProfile";

/** @param {GraphNode} node */
export const isProfileNode = (node) => node.comfyClass === PROFILE_NODE || node.type === PROFILE_NODE;

/** @param {GraphNode} node @param {string} name */
export const widgetOf = (node, name) => node.widgets?.find((widget) => widget.name === name);

/** @param {GraphNode} node @returns {{id: string, name: string}} both "" when nothing is chosen */
export function chosen(node) {
  const [id, name] = ["profile_id", "profile"].map((widget) => String(widgetOf(node, widget)?.value ?? "").trim());
  return { id, name };
}

/** @param {GraphNode} node @param {{id: string, name: string}} profile */
export function setChosen(node, { id, name }) {
  for (const [widget, value] of [[widgetOf(node, "profile_id"), id], [widgetOf(node, "profile"), name]]) {
    if (widget && typeof widget === "object" && widget.value !== value) widget.value = value;
  }
}

/** @param {GraphNode} node */
export function hideId(node) {
  const widget = /** @type {any} */ (widgetOf(node, "profile_id"));
  if (!widget) return;
  widget.hidden = true;
  widget.options = { ...widget.options, hidden: true };
}

/** @returns {Graph[]} the workflow's outermost graph and those of all subgraphs, each once */
export function allGraphs() {
  const graphs = new Set([rootGraph()].filter(Boolean));
  for (const graph of graphs) for (const { subgraph } of graph.nodes) if (subgraph) graphs.add(subgraph);
  return [...graphs];
}

/** @returns {GraphNode[]} */
export const allNodes = () => allGraphs().flatMap((graph) => graph.nodes);
