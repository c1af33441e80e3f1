/** Which nodes are pools, and which pool a node shows: its hidden `pool_id` widget holds the id. */

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

/** @param {GraphNode} node */
const widgetOf = (node) => node.widgets?.find((widget) => widget.name === WIDGET);

/**
 * @param {GraphNode} node
 * @returns {string} the id of the pool that the node shows and a run uses
 */
export function poolIdOf(node) {
  return String(widgetOf(node)?.value ?? "").trim() || DEFAULT;
}

/**
 * Lets a node use another pool. Call `node._datasetePoolRefresh()` afterwards to show it.
 *
 * @param {GraphNode} node
 * @param {string} id
 */
export function setPoolId(node, id) {
  const widget = widgetOf(node);
  if (widget) widget.value = id;
}

/**
 * Hides the id, which people have no use for. The input itself stays, so that workflows keep their widgets.
 *
 * @param {GraphNode} node
 */
export function hidePoolId(node) {
  const widget = /** @type {any} */ (widgetOf(node));
  if (!widget) return;
  widget.hidden = true;
  widget.options = { ...widget.options, hidden: true };
}

/** @returns {string} a new id. An insecure page has no `randomUUID`, so it is made by hand */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
