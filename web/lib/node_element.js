/** Elements of ours inside a node: how they get there, stay there, and let the canvas's own events through. */

import { app } from "./comfy.js";
import { chain, guarded } from "./guard.js";

/** @typedef {import("../types/comfy.js").GraphNode} GraphNode */

const MARGIN = 20; // what a canvas node leaves around an element, above and below together
const REPLACE_MS = [50, 300, 1000]; // after a node was made: Vue takes its time

/**
 * Puts an element into a node, as a widget that no workflow saves.
 *
 * @param {GraphNode} node
 * @param {{name: string, type: string, element: HTMLElement, height: () => number}} widget `height` is what the element
 *   needs at least, in pixels; its first class must be one that only elements of its kind have
 */
export function addElement(node, { name, type, element, height }) {
  const options = { serialize: false, hideOnZoom: false, getMinHeight: () => height() + MARGIN };
  node.addDOMWidget(name, type, element, options).serialize = false;
  forwardToCanvas(element);
  keepMounted(node, element);
}

/**
 * Does something while a node is in a graph. A node can be taken out and put back, as undo does.
 *
 * @param {GraphNode} node
 * @param {() => void} entered called now, and whenever the node is put back
 * @param {() => void} left
 */
export function whileInGraph(node, entered, left) {
  entered();
  chain(node, "onAdded", entered);
  chain(node, "onRemoved", left);
}

/** @type {Map<GraphNode, HTMLElement>} */
const kept = new Map();

/**
 * Keeps an element on the page. Undo, redo and a change of tabs make all nodes again under their old ids; Vue nodes then go
 * on showing the element of the node before, which looks right but has buttons that reach nothing.
 *
 * @param {GraphNode} node
 * @param {HTMLElement} element
 */
function keepMounted(node, element) {
  whileInGraph(node, () => kept.set(node, element), () => kept.delete(node));
  for (const time of REPLACE_MS) setTimeout(guarded("mounts", replaceStale), time);
}

function replaceStale() {
  for (const [node, element] of kept) {
    if (element.isConnected || node.graph !== app.canvas?.graph) continue;
    const shown = document.querySelector(`[data-node-id="${CSS.escape(String(node.id))}"]`);
    const stale = shown?.querySelector(`.${element.classList[0]}`);
    if (!stale) continue;
    element.classList.add(...[...stale.classList].filter((name) => /^[hw]-full$/.test(name))); // as Vue gave it
    stale.replaceWith(element);
  }
}

/** @param {HTMLElement} element that must not swallow zooming, and dragging with the middle button */
function forwardToCanvas(element) {
  element.addEventListener("wheel", forwardWheel, { passive: false });
  for (const [name, handle] of /** @type {const} */ ([
    ["pointerdown", "processMouseDown"],
    ["pointermove", "processMouseMove"],
    ["pointerup", "processMouseUp"],
  ])) {
    element.addEventListener(name, (/** @type {PointerEvent} */ event) => {
      if (isMiddle(event)) app.canvas?.[handle](event);
    });
  }
}

/** @param {PointerEvent} event */
function isMiddle(event) {
  return event.button === 1 || (event.buttons & 4) === 4;
}

/** @param {WheelEvent} event */
function forwardWheel(event) {
  const target = /** @type {Element} */ (event.target);
  const isScrolling = target.closest("[data-capture-wheel], input[type='range']");
  // Vue nodes hand the wheel on by themselves.
  if (isScrolling || target.closest("[data-node-id]")) return;
  event.preventDefault();
  app.canvas?.processMouseWheel(event);
}
