/**
 * How a slot gets onto the canvas, as a gate that reads it: by a button, or dragged. The mouse drags by the browser's own drag
 * and drop, which text fields accept as well; a finger or a pen has to hold for a moment, or else it scrolls the list.
 */

import { app, toast } from "../comfy.js";
import { el } from "../dom.js";
import { guarded } from "../guard.js";
import { say } from "../say.js";

const GATE = "ImageGate";
const STEP = 32; // from one gate to the next when several are added at the same place
const TYPE = "application/x-datasete-slot";
const HOLD_MS = 350;
const TREMBLE = 8; // pixels that a finger may move while it holds

/**
 * Puts an Image Gate onto the canvas that reads a slot.
 *
 * @type {(id: string, at?: [number, number]) => void} `at` in pixels of the page; by default, the middle of the visible canvas
 */
export const addGate = guarded("add gate", (/** @type {string} */ id, /** @type {[number, number] | undefined} */ at = undefined) => {
  const graph = app.canvas.graph;
  const node = /** @type {any} */ (window).LiteGraph.createNode(GATE);
  if (!node) return;
  app.canvas.emitBeforeChange();
  node.pos = at ? app.clientPosToCanvasPos(at) : free(app.clientPosToCanvasPos(middle()), node.size);
  graph.add(node);
  setSlot(node, id);
  app.canvas.emitAfterChange();
  app.canvas.selectNode?.(node);
  toast("success", say("Added a gate that reads “{id}”", { id }));
});

/**
 * @param {import("../../types/comfy.js").GraphNode} node
 * @param {string} id
 */
function setSlot(node, id) {
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

/**
 * @param {HTMLElement} row
 * @param {() => string} slot the name of the slot that the row shows now
 */
export function makeDraggable(row, slot) {
  row.draggable = true;
  row.addEventListener("dragstart", (event) => {
    if (!event.dataTransfer) return;
    event.dataTransfer.setData(TYPE, slot());
    event.dataTransfer.setData("text/plain", slot());
    event.dataTransfer.effectAllowed = "copy";
    const picture = row.querySelector("img");
    if (picture) event.dataTransfer.setDragImage(picture, 24, 24);
  });
  row.addEventListener("pointerdown", (event) => {
    row.draggable = event.pointerType === "mouse";
    if (!row.draggable && event.isPrimary) new Hold(row, slot(), event);
  });
}

/** Accepts slots that are dropped on the canvas. Called once. */
export function acceptDrops() {
  const ours = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes(TYPE) && isCanvas(event.clientX, event.clientY);
  const over = guarded("drag", (/** @type {DragEvent} */ event) => {
    if (!ours(event) || !event.dataTransfer) return;
    event.preventDefault();
    event.stopPropagation();
    event.dataTransfer.dropEffect = "copy";
  });
  document.addEventListener("dragenter", over, { capture: true });
  document.addEventListener("dragover", over, { capture: true });
  const drop = guarded("drop", (/** @type {DragEvent} */ event) => {
    if (!ours(event) || !event.dataTransfer) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // ComfyUI would take the text for a workflow's address
    addGate(event.dataTransfer.getData(TYPE), [event.clientX, event.clientY]);
  });
  document.addEventListener("drop", drop, { capture: true });
}

/**
 * @param {number} x
 * @param {number} y
 * @returns {boolean} whether the canvas, or a node on it, is on top there
 */
function isCanvas(x, y) {
  const top = document.elementFromPoint(x, y);
  return top === app.canvas.canvas || Boolean(top?.closest("[data-testid='transform-pane'], .dom-widget"));
}

/** A finger or a pen on a row: after a moment, it drags the slot. */
class Hold {
  /**
   * @param {HTMLElement} row
   * @param {string} slot
   * @param {PointerEvent} event
   */
  constructor(row, slot, event) {
    this.row = row;
    this.slot = slot;
    this.from = [event.clientX, event.clientY];
    /** @type {HTMLElement | null} */
    this.ghost = null;
    this.ended = new AbortController();
    this.timer = setTimeout(() => this.lift(event), HOLD_MS);
    const { signal } = this.ended;
    row.addEventListener("pointermove", (move) => this.move(move), { signal });
    row.addEventListener("pointerup", (up) => this.drop(up), { signal });
    row.addEventListener("pointercancel", () => this.end(), { signal });
    row.addEventListener("contextmenu", (menu) => menu.preventDefault(), { signal });
    row.addEventListener("touchmove", (touch) => this.ghost && touch.preventDefault(), { signal, passive: false });
  }

  /** @param {PointerEvent} event */
  lift(event) {
    const picture = this.row.querySelector("img")?.cloneNode();
    this.ghost = el("div", { class: "ds-root ds-bus-ghost" }, ...(picture ? [picture] : []), el("span", {}, this.slot));
    document.body.append(this.ghost);
    this.row.setPointerCapture(event.pointerId);
    this.place(event);
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (this.ghost) this.place(event);
    else if (Math.hypot(event.clientX - this.from[0], event.clientY - this.from[1]) > TREMBLE) this.end();
  }

  /** @param {PointerEvent} event */
  place({ clientX, clientY }) {
    if (this.ghost) this.ghost.style.transform = `translate(${clientX}px, ${clientY}px)`;
  }

  /** @param {PointerEvent} event */
  drop({ clientX, clientY }) {
    const wasDragged = this.ghost !== null;
    this.end();
    if (!wasDragged) return;
    this.row.addEventListener("click", (click) => click.stopImmediatePropagation(), { once: true, capture: true });
    if (isCanvas(clientX, clientY)) addGate(this.slot, [clientX, clientY]);
  }

  end() {
    clearTimeout(this.timer);
    this.ghost?.remove();
    this.ghost = null;
    this.ended.abort();
  }
}
