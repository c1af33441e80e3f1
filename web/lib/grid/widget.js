/** The grid inside its node: which pool it shows, and what the node and the page pass on to it. */

import { newId } from "../client.js";
import { app, redraw } from "../comfy.js";
import { isWired, selectedNodes, widgetOf } from "../graph.js";
import { chain, guarded } from "../guard.js";
import { addElement, whileInGraph } from "../node_element.js";
import { hidePoolId, poolIdOf, setPoolId } from "../pool/node.js";
import { poolOf } from "../pool/open_pools.js";
import { Uploads } from "../pool/uploads.js";
import { GridController } from "./controller.js";
import { holdsPictures, takeDrop } from "./drop.js";
import { addFiles } from "./edits.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */

const MIN_HEIGHT = 260;
const WIDTH = 360;
const HEIGHT = 470;

/** @type {Map<GraphNode, GridController>} */
const grids = new Map();
/** @type {WeakMap<import("../pool/store.js").Pool, Uploads>} */
const uploadsOf = new WeakMap();
/** @type {WeakMap<GraphNode, () => void>} */
const endings = new WeakMap();

/**
 * Gives a node its grid.
 *
 * @param {GraphNode} node
 * @param {(node: GraphNode) => boolean} isProfileMissing whether a profile is wired to it that is not on this machine
 */
export function attachPool(node, isProfileMissing) {
  hidePoolId(node);
  setPoolId(node, newId()); // a node that is being loaded gets its saved id right away
  const grid = new GridController({
    index: () => indexOf(node),
    isProfileMissing: () => isWired(node, "profile") && isProfileMissing(node),
    others: () => [...grids.keys()].filter((other) => other !== node && other.graph && poolIdOf(other) === poolIdOf(node)).length,
    use: guarded("pool", (id) => useOther(node, id ?? newId())),
  });
  addElement(node, { name: "grid", type: "datasete-pool", element: grid.view.element, height: () => MIN_HEIGHT });
  grid.view.element.style.minHeight = `${MIN_HEIGHT}px`;
  grid.view.viewport.addEventListener("wheel", guarded("zoom", zoomCanvas), { passive: false });
  /** @type {any} */ (node)._datasetePoolRefresh = guarded("pool refresh", () => refreshPool(node));
  listen(node, grid);
  const enter = () => {
    grids.set(node, grid);
    queueMicrotask(guarded("added", () => showPool(node, grid))); // a node that is loaded has its saved id by then
  };
  whileInGraph(node, enter, () => leave(node));
  node.setSize([Math.max(node.size[0], WIDTH), Math.max(node.size[1], HEIGHT)]);
}

/** The wheel scrolls the pictures. With Ctrl it zooms the canvas, which Vue nodes do by themselves. @param {WheelEvent} event */
function zoomCanvas(event) {
  const isInVueNode = /** @type {Element} */ (event.target).closest("[data-node-id]");
  if (!(event.ctrlKey || event.metaKey) || isInVueNode) return;
  event.preventDefault();
  app.canvas.processMouseWheel(event);
}

/** @param {GraphNode} node @param {GridController} grid */
function listen(node, grid) {
  chain(node, "onConnectionsChange", () => grid.update());
  const index = widgetOf(node, "index");
  if (index) chain(index, "callback", () => grid.update());
  const own = /** @type {any} */ (node);
  own.pasteFiles = guarded("paste", (/** @type {File[]} */ files) => void addFiles(grid, [...files]));
  own.onDragOver = (/** @type {DragEvent} */ event) => holdsPictures(event.dataTransfer);
  own.onDragDrop = guarded("drop", async (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer || !holdsPictures(event.dataTransfer)) return false;
    await takeDrop(grid, event.dataTransfer);
    return true;
  });
}

/** Shows the pool that the node now names. @param {GraphNode} node @param {GridController} grid */
function showPool(node, grid) {
  if (!grids.has(node)) return;
  const pool = poolOf(poolIdOf(node));
  if (grid.pool !== pool) {
    endings.get(node)?.();
    const uploads = uploadsOf.get(pool) ?? new Uploads(pool);
    uploadsOf.set(pool, uploads);
    const update = guarded("grid", () => grid.update());
    const end = pool.subscribe(update);
    const endUploads = uploads.subscribe(update);
    endings.set(node, () => (end(), endUploads()));
    grid.use(pool, uploads);
  } else grid.update();
  redraw(node);
}

/** Reads the node's pool again. @param {GraphNode} node */
function refreshPool(node) {
  const grid = grids.get(node);
  if (!grid) return undefined;
  const isOther = poolIdOf(node) !== grid.pool?.id;
  showPool(node, grid);
  showOthers(node);
  return isOther && grid.pool?.running ? grid.pool.running : grid.pool?.refresh();
}

/** Updates the other grids, which say whether they share a pool with this node. @param {GraphNode} node */
function showOthers(node) {
  for (const [other, grid] of grids) if (other !== node && other.graph) guarded("grid", () => grid.update())();
}

/** @param {GraphNode} node */
function leave(node) {
  const grid = grids.get(node);
  endings.get(node)?.();
  endings.delete(node);
  grids.delete(node);
  if (grid) grid.pool = undefined; // if the node is put back, it starts again
  showOthers(node);
}

/** @param {GraphNode} node @param {string} id of the pool to use from now on */
function useOther(node, id) {
  app.canvas.emitBeforeChange(); // one step of undo
  const slot = node.inputs?.findIndex(({ name }) => name === "profile") ?? -1;
  if (slot >= 0 && node.isInputConnected?.(slot)) /** @type {any} */ (node).disconnectInput(slot);
  setPoolId(node, id);
  app.canvas.emitAfterChange();
  return refreshPool(node);
}

/** @param {GraphNode} node @returns {number | undefined} */
function indexOf(node) {
  if (isWired(node, "index")) return undefined;
  return Number(widgetOf(node, "index")?.value ?? -1);
}

/** @returns {GridController | undefined} the grid that has the focus, or that of the only node selected */
function gridInUse() {
  const focus = document.activeElement;
  const focused = [...grids.values()].find((grid) => grid.view.element.contains(focus));
  if (focused) return focused;
  const selected = selectedNodes();
  return selected.length === 1 ? grids.get(selected[0]) : undefined;
}

/** @param {ClipboardEvent} event */
function onPaste(event) {
  const target = /** @type {Element} */ (event.composedPath()[0]);
  const files = [...(event.clipboardData?.files ?? [])];
  const grid = files.length ? gridInUse() : undefined;
  if (!grid || target.matches?.("input, textarea, [contenteditable='true']")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  guarded("paste", () => addFiles(grid, files))();
}

/** @param {Window} target */
export function listenForPaste(target) {
  target.addEventListener("paste", guarded("paste", onPaste), { capture: true });
}

/** Updates every grid after a change of wires or profiles. */
export function redrawPools() {
  for (const [node, grid] of grids) if (node.graph) guarded("grid", () => grid.update())();
}

/** Makes every node show the pool that it names, after a workflow was loaded. */
export function refreshPools() {
  for (const [node, grid] of grids) if (node.graph) guarded("pool", () => showPool(node, grid))();
}
