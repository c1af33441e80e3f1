/** The grid's place inside its node. */

import { app, redraw, selectedNodes } from "../comfy.js";
import { GridDesk } from "../grid/desk.js";
import { addFiles } from "../grid/edits.js";
import { holdsPictures, takeDrop } from "../grid/drop.js";
import { chain, guarded } from "../guard.js";
import { forwardToCanvas } from "../pointer.js";
import { hidePoolId, newId, poolIdOf, setPoolId } from "./node.js";
import { Uploads } from "./uploads.js";
import { poolOf } from "./open.js";
import { poolsBehind } from "../profile/links.js";
import { allNodes, chosen, isProfileNode } from "../profile/node.js";
import { profiles } from "../profile/profiles.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */

const MIN_HEIGHT = 260;
const WIDTH = 360;
const HEIGHT = 470;
const MARGIN = 20; // what a canvas node leaves around an element, above and below together

/** @type {Map<GraphNode, GridDesk>} */
const desks = new Map();
/** @type {WeakMap<import("./model.js").Pool, Uploads>} */
const uploadsOf = new WeakMap();
/** @type {WeakMap<GraphNode, () => void>} */
const endings = new WeakMap();

/** @param {GraphNode} node */
export function attachPool(node) {
  hidePoolId(node);
  setPoolId(node, newId()); // a node that is loaded gets its own id back right away
  const desk = new GridDesk({
    index: () => indexOf(node),
    isProfileMissing: () => isWired(node, "profile") && isMissing(node),
    others: () => [...desks.keys()].filter((other) => other !== node && other.graph && poolIdOf(other) === poolIdOf(node)).length,
    use: guarded("pool", (id) => useOther(node, id ?? newId())),
  });
  const widget = node.addDOMWidget("grid", "datasete-pool", desk.view.element, {
    serialize: false,
    hideOnZoom: false,
    getMinHeight: () => MIN_HEIGHT + MARGIN,
  });
  widget.serialize = false;
  desk.view.element.style.minHeight = `${MIN_HEIGHT}px`;
  forwardToCanvas(desk.view.element);
  desk.view.viewport.addEventListener("wheel", guarded("zoom", zoomCanvas), { passive: false });
  /** @type {any} */ (node)._datasetePoolRefresh = guarded("pool refresh", () => refreshPool(node));
  follow(node, desk);
  desks.set(node, desk);
  node.setSize([Math.max(node.size[0], WIDTH), Math.max(node.size[1], HEIGHT)]);
  queueMicrotask(guarded("pool", () => showPool(node, desk)));
}

/** The wheel scrolls the pictures; with Ctrl it zooms the canvas, which Vue nodes see to themselves. @param {WheelEvent} event */
function zoomCanvas(event) {
  const isInVueNode = /** @type {Element} */ (event.target).closest("[data-node-id]");
  if (!(event.ctrlKey || event.metaKey) || isInVueNode) return;
  event.preventDefault();
  app.canvas.processMouseWheel(event);
}

/** @param {GraphNode} node @param {GridDesk} desk */
function follow(node, desk) {
  chain(node, "onRemoved", () => leave(node));
  chain(node, "onAdded", () => {
    desks.set(node, desk);
    queueMicrotask(guarded("added", () => showPool(node, desk)));
  });
  chain(node, "onConnectionsChange", () => desk.update());
  const index = node.widgets?.find(({ name }) => name === "index");
  if (index) chain(index, "callback", () => desk.update());
  const own = /** @type {any} */ (node);
  own.pasteFiles = guarded("paste", (/** @type {File[]} */ files) => void addFiles(desk, [...files]));
  own.onDragOver = (/** @type {DragEvent} */ event) => holdsPictures(event.dataTransfer);
  own.onDragDrop = guarded("drop", async (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer || !holdsPictures(event.dataTransfer)) return false;
    await takeDrop(desk, event.dataTransfer);
    return true;
  });
}

/** Shows the pool whose id the node has now. @param {GraphNode} node @param {GridDesk} desk */
function showPool(node, desk) {
  if (!desks.has(node)) return;
  const pool = poolOf(poolIdOf(node));
  if (desk.pool !== pool) {
    endings.get(node)?.();
    const uploads = uploadsOf.get(pool) ?? new Uploads(pool);
    uploadsOf.set(pool, uploads);
    const update = guarded("grid", () => desk.update());
    const end = pool.subscribe(update);
    uploads.observers.add(update);
    endings.set(node, () => (end(), uploads.observers.delete(update)));
    desk.use(pool, uploads);
  } else desk.update();
  redraw(node);
}

/** Reads the node's pool again. @param {GraphNode} node */
function refreshPool(node) {
  const desk = desks.get(node);
  if (!desk) return undefined;
  const isOther = poolIdOf(node) !== desk.pool?.id;
  showPool(node, desk);
  showOthers(node);
  return isOther && desk.pool?.reading ? desk.pool.reading : desk.pool?.refresh();
}

/** Whether nodes share a pool shows in all of them. @param {GraphNode} node */
function showOthers(node) {
  for (const [other, desk] of desks) if (other !== node && other.graph) guarded("grid", () => desk.update())();
}

/** @param {GraphNode} node */
function leave(node) {
  const desk = desks.get(node);
  endings.get(node)?.();
  endings.delete(node);
  desks.delete(node);
  if (desk) desk.pool = undefined; // it may be put back, and begins anew then
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

/** @param {GraphNode} node @param {string} name */
function isWired(node, name) {
  const slot = node.inputs?.findIndex((input) => input.name === name) ?? -1;
  return slot >= 0 && Boolean(node.isInputConnected?.(slot));
}

/** @param {GraphNode} node @returns {boolean} whether a profile is wired to it that was chosen on another machine */
function isMissing(node) {
  if (!profiles.isKnown) return false;
  const unknown = allNodes().filter((other) => isProfileNode(other) && isUnknown(chosen(other).id));
  return unknown.some((profile) => poolsBehind(profile).includes(node));
}

/** @param {string} id of a profile; nothing chosen, and what every machine has, are nothing that is missing */
const isUnknown = (id) => Boolean(id && id !== "default" && !profiles.find(id));

/** @param {GraphNode} node @returns {number | undefined} */
function indexOf(node) {
  if (isWired(node, "index")) return undefined;
  return Number(node.widgets?.find(({ name }) => name === "index")?.value ?? -1);
}

/** @returns {GridDesk | undefined} the grid that has the focus, or that of the only node selected */
function deskInUse() {
  const focus = document.activeElement;
  const focused = [...desks.values()].find((desk) => desk.view.element.contains(focus));
  if (focused) return focused;
  const selected = selectedNodes();
  return selected.length === 1 ? desks.get(selected[0]) : undefined;
}

/** @param {ClipboardEvent} event */
function onPaste(event) {
  const target = /** @type {Element} */ (event.composedPath()[0]);
  const files = [...(event.clipboardData?.files ?? [])];
  const desk = files.length ? deskInUse() : undefined;
  if (!desk || target.matches?.("input, textarea, [contenteditable='true']")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  guarded("paste", () => addFiles(desk, files))();
}

/** @param {Window} target */
export function listenForPaste(target) {
  target.addEventListener("paste", guarded("paste", onPaste), { capture: true });
}

/** Draws every grid again, when wires or profiles may have changed. */
export function redrawPools() {
  for (const [node, desk] of desks) if (node.graph) guarded("grid", () => desk.update())();
}

/** Shows every node's pool anew, after a workflow was loaded. */
export function refreshPools() {
  for (const [node, desk] of desks) if (node.graph) guarded("pool", () => showPool(node, desk))();
}
