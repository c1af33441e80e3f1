/** An element inside a node must not swallow what is meant for the canvas: zooming, and dragging with the middle button. */

import { app } from "./comfy.js";

/** @param {HTMLElement} element */
export function forwardToCanvas(element) {
  element.addEventListener("wheel", forwardWheel, { passive: false });
  const { canvas } = app;
  for (const [name, handle] of /** @type {const} */ ([
    ["pointerdown", "processMouseDown"],
    ["pointermove", "processMouseMove"],
    ["pointerup", "processMouseUp"],
  ])) {
    element.addEventListener(name, (/** @type {PointerEvent} */ event) => {
      if (isMiddle(event)) (app.canvas ?? canvas)?.[handle](event);
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
