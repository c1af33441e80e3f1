/** Which nodes are pools, and which pool a node shows: its hidden `pool_id` widget holds the id. */

import { hideWidget, widgetOf } from "../graph.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */

export const POOL_NODE = "GridImagePool";
const WIDGET = "pool_id";
const DEFAULT = "default";

/**
 * @param {GraphNode | null | undefined} node
 * @returns {boolean}
 */
export function isPoolNode(node) {
  return node?.comfyClass === POOL_NODE || node?.type === POOL_NODE;
}

/**
 * @param {GraphNode} node
 * @returns {string} the id of the pool that the node shows and a run uses
 */
export function poolIdOf(node) {
  return String(widgetOf(node, WIDGET)?.value ?? "").trim() || DEFAULT;
}

/**
 * Lets a node use another pool. Call `node._datasetePoolRefresh()` afterwards to show it.
 *
 * @param {GraphNode} node
 * @param {string} id
 */
export function setPoolId(node, id) {
  const widget = widgetOf(node, WIDGET);
  if (widget) widget.value = id;
}

/** Hides the id, which people have no use for. @param {GraphNode} node */
export const hidePoolId = (node) => hideWidget(node, WIDGET);
