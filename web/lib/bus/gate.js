/** Puts an Image Gate onto the canvas that takes up a slot. */

import { app, toast } from "../comfy.js";
import { guarded } from "../guard.js";

const NODE = "ImageGate";
const STEP = 32; // from one gate to the next when several are added at the same place

/**
 * @type {(id: string, at?: [number, number]) => void} `id` of the slot, `at` in pixels of the page; the middle of what is
 *   seen of the canvas when there is none
 */
export const addGate = guarded("add gate", (/** @type {string} */ id, /** @type {[number, number] | undefined} */ at = undefined) => {
  const graph = app.canvas.graph;
  const node = /** @type {any} */ (window).LiteGraph.createNode(NODE);
  if (!node) return;
  app.canvas.emitBeforeChange();
  node.pos = at ? app.clientPosToCanvasPos(at) : free(app.clientPosToCanvasPos(middle()), node.size);
  graph.add(node);
  choose(node, id);
  app.canvas.emitAfterChange();
  app.canvas.selectNode?.(node);
  toast("success", `A gate that takes up “${id}” is on the canvas`);
});

/**
 * @param {import("../../types/comfy.js").GraphNode} node
 * @param {string} id
 */
function choose(node, id) {
  const widget = node.widgets?.find(({ name }) => name === "get_id");
  if (!widget) return;
  widget.value = id;
  widget.callback?.(id, app.canvas, node);
}

/** @returns {[number, number]} the middle of what the sidebar leaves of the canvas */
function middle() {
  const { left, top, right, bottom } = app.canvas.canvas.getBoundingClientRect();
  const panel = document.querySelector(".ds-panel-panel")?.getBoundingClientRect();
  const isWide = panel && panel.width < (right - left) / 2;
  const [from, to] = !isWide ? [left, right] : panel.left - left < right - panel.right ? [panel.right, right] : [left, panel.left];
  return [(from + to) / 2, (top + bottom) / 2];
}

/**
 * @param {[number, number]} middle_
 * @param {[number, number]} size
 * @returns {[number, number]} a corner where no node begins yet
 */
function free(middle_, size) {
  const corner = /** @type {[number, number]} */ ([middle_[0] - size[0] / 2, middle_[1] - size[1] / 2]);
  const isTaken = () => app.canvas.graph.nodes.some(({ pos }) => Math.hypot(pos[0] - corner[0], pos[1] - corner[1]) < STEP / 2);
  while (isTaken()) corner.forEach((_, axis) => (corner[axis] += STEP));
  return corner;
}
