/** What a profile node has chosen (a name for people in `profile`, the id that counts in the hidden `profile_id`) and feeds. */

import { inputsFedBy, widgetOf } from "../graph.js";
import { isPoolNode } from "../pool/node.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */

export const PROFILE_NODE = "PoolProfile";
export const ID_WIDGET = "profile_id";
const INPUT = "profile"; // of a pool

/** @param {GraphNode} node */
export const isProfileNode = (node) => node.comfyClass === PROFILE_NODE || node.type === PROFILE_NODE;

/** @param {GraphNode} node @returns {{id: string, name: string}} both "" when nothing is chosen */
export function chosen(node) {
  const [id, name] = [ID_WIDGET, "profile"].map((widget) => String(widgetOf(node, widget)?.value ?? "").trim());
  return { id, name };
}

/** @param {GraphNode} node @param {{id: string, name: string}} profile */
export function setChosen(node, { id, name }) {
  for (const [widget, value] of /** @type {const} */ ([[ID_WIDGET, id], ["profile", name]])) {
    const found = widgetOf(node, widget);
    if (found && found.value !== value) found.value = value;
  }
}

/** @param {GraphNode} node @returns {GraphNode[]} the pools that show what it has chosen, each once */
export function poolsBehind(node) {
  const inputs = inputsFedBy(node).filter((input) => isPoolNode(input.node) && input.node.inputs[input.slot]?.name === INPUT);
  return [...new Set(inputs.map((input) => input.node))];
}
