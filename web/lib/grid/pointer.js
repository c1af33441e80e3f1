/** The pointer in a grid: a click activates or selects, a drag moves pictures. */

import { guarded } from "../guard.js";
import { activateCursor, editLabel, moveTo } from "./edits.js";
import { gapAt, positionOf } from "./layout.js";
import { openPictureMenu } from "./menu.js";

/** @typedef {import("./controller.js").GridController} GridController */

const CLICK_PIXELS = 5; // that the pointer may move during a click
const HOLD_MS = 350; // before a finger drags; otherwise it scrolls
const BORDER_PIXELS = 36; // within which a drag scrolls
const MAX_SCROLL_PIXELS = 18; // per animation frame

/** @param {GridController} grid */
export function listenForPointer(grid) {
  const pointer = new GridPointer(grid);
  const { viewport } = grid.view;
  const on = (/** @type {string} */ name, /** @type {(event: any) => void} */ listener) =>
    viewport.addEventListener(name, guarded(name, listener), { passive: false });
  on("pointerdown", (event) => pointer.down(event));
  on("pointermove", (event) => pointer.move(event));
  on("pointerup", (event) => pointer.up(event));
  on("pointercancel", () => pointer.end());
  on("lostpointercapture", () => pointer.end());
  on("touchmove", pointer.holdStill);
  on("dblclick", (event) => pointer.doubleClick(event));
  on("contextmenu", (event) => (pointer.isDragging || pointer.start ? event.preventDefault() : openPictureMenu(grid, event)));
  viewport.addEventListener("keydown", (event) => pointer.key(event), { capture: true });
}

class GridPointer {
  /** @param {GridController} grid */
  constructor(grid) {
    this.grid = grid;
    /** @type {{name: string, x: number, y: number, id: number, target: EventTarget | null} | undefined} where it went down */
    this.start = undefined;
    /** @param {TouchEvent} event which would scroll unless it drags */
    this.holdStill = (event) => {
      if (this.isDragging && event.cancelable) event.preventDefault();
    };
    this.isDragging = false;
    this.last = { x: 0, y: 0 };
    this.gap = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.hold = undefined;
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0) return;
    event.stopPropagation(); // the node must not move
    if (this.start) return this.end(); // a second finger
    this.grid.view.element.classList.remove("ds-grid-keys");
    this.grid.view.viewport.focus({ preventScroll: true });
    const name = nameAt(event);
    if (!name) return;
    this.start = { name, x: event.clientX, y: event.clientY, id: event.pointerId, target: event.target };
    this.last = { x: event.clientX, y: event.clientY };
    if (event.pointerType === "touch") this.hold = setTimeout(guarded("hold", () => this.begin()), HOLD_MS);
    return undefined;
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (!this.start || event.pointerId !== this.start.id) return;
    event.stopPropagation();
    this.last = { x: event.clientX, y: event.clientY };
    const isFar = Math.hypot(event.clientX - this.start.x, event.clientY - this.start.y) > CLICK_PIXELS;
    if (this.isDragging) this.mark();
    else if (isFar && event.pointerType === "touch") this.end();
    else if (isFar) this.begin();
  }

  /** @param {PointerEvent} event */
  up(event) {
    const { start, isDragging } = this;
    if (!start || event.button !== 0 || event.pointerId !== start.id) return;
    event.stopPropagation();
    this.end();
    if (isDragging) this.drop();
    else this.click(start.name, event);
  }

  /** @param {string} name @param {PointerEvent} event */
  click(name, event) {
    const { grid } = this;
    const isPlain = !event.shiftKey && !event.ctrlKey && !event.metaKey;
    if (event.shiftKey) grid.selection.range(grid.order(), name);
    else if (isPlain) grid.selection.only(name);
    else grid.selection.toggle(name);
    grid.update();
    if (isPlain && grid.pool?.shown.active !== name) activateCursor(grid);
  }

  /** @param {MouseEvent} event */
  doubleClick(event) {
    event.stopPropagation();
    if (nameAt(event)) editLabel(this.grid);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key !== "Escape" || !this.isDragging) return;
    event.stopPropagation();
    this.end();
  }

  begin() {
    const { grid, start } = this;
    if (!start || grid.isReadOnly) return;
    clearTimeout(this.hold);
    if (!grid.selection.has(start.name)) grid.selection.only(start.name);
    this.isDragging = true;
    grid.view.viewport.setPointerCapture(start.id);
    // Touch events go to the element where the touch began, even after scrolling has removed it from the grid.
    start.target?.addEventListener("touchmove", /** @type {EventListener} */ (this.holdStill), { passive: false });
    grid.view.element.classList.add("ds-grid-dragging");
    grid.update();
    this.mark();
    this.autoScroll();
  }

  /** Marks where the pictures would go. */
  mark() {
    const { cells, count, view, size } = this.grid;
    const { viewport } = view;
    const box = viewport.getBoundingClientRect();
    const zoom = box.width / viewport.offsetWidth;
    const point = { x: (this.last.x - box.left) / zoom, y: (this.last.y - box.top) / zoom + viewport.scrollTop };
    this.gap = gapAt(cells.layout, count, point);
    const isRowEnd = this.gap > 0 && this.gap % cells.layout.columns === 0 && point.x > cells.layout.pitch;
    const position = positionOf(cells.layout, isRowEnd ? this.gap - 1 : this.gap);
    const x = isRowEnd ? position.x + cells.layout.pitch : position.x;
    view.marker.hidden = position.y + cells.layout.edge < viewport.scrollTop || position.y > viewport.scrollTop + size.height;
    view.marker.style.height = `${cells.layout.edge}px`;
    view.marker.style.transform = `translate(${x - 4}px, ${position.y - viewport.scrollTop}px)`;
  }

  /** Scrolls while the pointer is near the border. */
  autoScroll() {
    if (!this.isDragging) return;
    const { viewport } = this.grid.view;
    const { top, bottom } = viewport.getBoundingClientRect();
    const over = Math.max(0, this.last.y - bottom + BORDER_PIXELS) - Math.max(0, top + BORDER_PIXELS - this.last.y);
    if (over) {
      viewport.scrollTop += Math.max(-MAX_SCROLL_PIXELS, Math.min(MAX_SCROLL_PIXELS, over / 2));
      this.mark();
    }
    requestAnimationFrame(guarded("scroll", () => this.autoScroll()));
  }

  drop() {
    const { grid, gap } = this;
    const order = grid.order();
    const images = grid.chosen();
    const chosen = new Set(images);
    const left = order.filter((name) => !chosen.has(name));
    const before = order.slice(gap).find((name) => !chosen.has(name)) ?? null;
    if (images.length && left.length && isMove(order, chosen, gap)) moveTo(grid, images, before, left);
  }

  end() {
    clearTimeout(this.hold);
    const { view } = this.grid;
    if (this.isDragging && this.start && view.viewport.hasPointerCapture(this.start.id)) {
      view.viewport.releasePointerCapture(this.start.id);
    }
    this.start?.target?.removeEventListener("touchmove", /** @type {EventListener} */ (this.holdStill));
    this.start = undefined;
    this.isDragging = false;
    view.marker.hidden = true;
    view.element.classList.remove("ds-grid-dragging");
  }
}

/** @param {string[]} order @param {Set<string>} chosen @param {number} gap */
function isMove(order, chosen, gap) {
  const indices = order.flatMap((name, index) => (chosen.has(name) ? [index] : []));
  const isTogether = indices[indices.length - 1] - indices[0] === indices.length - 1;
  return !isTogether || gap < indices[0] || gap > indices[indices.length - 1] + 1;
}

/** @param {MouseEvent} event @returns {string} the name of the picture under the pointer, or "" */
function nameAt(event) {
  const cell = /** @type {Element} */ (event.target).closest?.("[data-image]");
  return /** @type {HTMLElement | null} */ (cell)?.dataset.image ?? "";
}
