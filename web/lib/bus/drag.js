/**
 * Slots are carried from the panel onto the canvas: with the mouse by the browser's own drag and drop, which other fields
 * take as text; with a finger or a pen after a moment's hold, since without it they scroll the list.
 */

import { addGate } from "./gate.js";
import { app } from "../comfy.js";
import { el } from "../dom.js";
import { guarded } from "../guard.js";

const TYPE = "application/x-datasete-slot";
const HOLD = 350; // ms
const STILL = 8; // pixels that a held finger may wander

/**
 * @param {HTMLElement} row
 * @param {() => string} slot the one that the row shows now
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

/** Takes up what is dropped on the canvas; called once. */
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
 * @returns {boolean} whether the canvas, or a node on it, is what is seen there
 */
function isCanvas(x, y) {
  const seen = document.elementFromPoint(x, y);
  return seen === app.canvas.canvas || Boolean(seen?.closest("[data-testid='transform-pane'], .dom-widget"));
}

/** A finger or a pen on a row: after a moment it carries the slot. */
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
    this.over = new AbortController();
    this.timer = setTimeout(() => this.lift(event), HOLD);
    const { signal } = this.over;
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
    else if (Math.hypot(event.clientX - this.from[0], event.clientY - this.from[1]) > STILL) this.end();
  }

  /** @param {PointerEvent} event */
  place({ clientX, clientY }) {
    if (this.ghost) this.ghost.style.transform = `translate(${clientX}px, ${clientY}px)`;
  }

  /** @param {PointerEvent} event */
  drop({ clientX, clientY }) {
    const wasCarried = this.ghost !== null;
    this.end();
    if (!wasCarried) return;
    this.row.addEventListener("click", (click) => click.stopImmediatePropagation(), { once: true, capture: true });
    if (isCanvas(clientX, clientY)) addGate(this.slot, [clientX, clientY]);
  }

  end() {
    clearTimeout(this.timer);
    this.ghost?.remove();
    this.ghost = null;
    this.over.abort();
  }
}
