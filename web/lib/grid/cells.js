/**
 * Draws only the rows of a grid that are in view, so that ten thousand pictures need a few dozen elements. Pictures are
 * requested once the scrolling pauses, so that those scrolled past cost no request.
 */

import { el, write } from "../dom.js";
import { guarded } from "../guard.js";
import { say } from "../say.js";
import { heightOf, rowsInView, thumbSize } from "./layout.js";

/**
 * @typedef {import("./layout.js").Layout} Layout
 * @typedef {object} Item what a cell shows
 * @property {string} name of the picture; "" until it is known
 * @property {number} number its index in the pool, from 0
 * @property {string} label
 * @property {boolean} masked
 * @property {boolean} active
 * @property {boolean} used whether a run passes it on
 * @property {boolean} selected
 * @property {boolean} cursor
 * @property {(size: number) => string} url
 */

const PAUSE_MS = 90; // without scrolling

export class Cells {
  /**
   * @param {HTMLElement} viewport the element that scrolls
   * @param {(index: number) => Item} itemAt
   */
  constructor(viewport, itemAt) {
    this.viewport = viewport;
    this.itemAt = itemAt;
    this.content = el("div", { class: "ds-grid-content", role: "presentation" });
    viewport.append(this.content);
    /** @type {Map<number, HTMLElement>} by row */
    this.rows = new Map();
    /** @type {Layout} */
    this.layout = { columns: 1, edge: 84, pitch: 90 };
    this.count = 0;
    this.total = 0;
    this.scale = 1;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.pause = undefined;
    viewport.addEventListener("scroll", guarded("scroll", () => this.onScroll()), { passive: true });
  }

  /**
   * @param {Layout} layout
   * @param {number} count of pictures in the grid
   * @param {number} scale screen pixels per CSS pixel
   */
  update(layout, count, scale) {
    if (layout.columns !== this.layout.columns) this.clear();
    Object.assign(this, { layout, count, scale });
    this.content.style.height = `${heightOf(layout, count)}px`;
    this.content.style.setProperty("--ds-grid-edge", `${layout.edge}px`);
    this.viewport.setAttribute("aria-rowcount", String(Math.ceil(count / layout.columns)));
    this.viewport.setAttribute("aria-colcount", String(layout.columns));
    this.draw();
    if (!this.pause) this.load();
  }

  clear() {
    for (const row of this.rows.values()) row.remove();
    this.rows.clear();
  }

  onScroll() {
    this.draw({ isStale: false });
    clearTimeout(this.pause);
    this.pause = setTimeout(() => {
      this.pause = undefined;
      guarded("thumbnails", () => this.load())();
    }, PAUSE_MS);
  }

  /** @param {{isStale?: boolean}} [options] whether rows that exist already may have to show something else now */
  draw({ isStale = true } = {}) {
    const { scrollTop, clientHeight } = this.viewport;
    const { first, last } = rowsInView(this.layout, this.count, scrollTop, clientHeight);
    for (const [index, row] of this.rows) if (index < first || index >= last) this.drop(index, row);
    for (let index = first; index < last; index++) {
      const row = this.rows.get(index);
      if (!row || isStale) this.renderRow(index, row ?? this.addRow(index));
    }
  }

  /** @param {number} index @param {HTMLElement} row */
  drop(index, row) {
    for (const image of row.querySelectorAll("img")) image.removeAttribute("src"); // cancels a request that is no longer needed
    row.remove();
    this.rows.delete(index);
  }

  /** @param {number} index */
  addRow(index) {
    const row = el("div", { class: "ds-grid-row", role: "row", "aria-rowindex": String(index + 1) });
    this.rows.set(index, row);
    this.content.append(row);
    return row;
  }

  /** @param {number} index @param {HTMLElement} row */
  renderRow(index, row) {
    const { columns, pitch } = this.layout;
    const first = index * columns;
    const wanted = Math.min(columns, this.count - first);
    row.style.transform = `translateY(${index * pitch}px)`;
    while (row.childElementCount > wanted) row.lastElementChild?.remove();
    while (row.childElementCount < wanted) row.append(newCell());
    for (const [column, cell] of [...row.children].entries()) {
      renderCell(/** @type {HTMLElement} */ (cell), this.itemAt(first + column), column, first + column);
    }
  }

  /** Requests the pictures in view. */
  load() {
    const size = thumbSize(this.layout.edge * this.scale);
    for (const cell of this.content.querySelectorAll("[data-image]")) {
      const item = this.itemAt(Number(/** @type {HTMLElement} */ (cell).dataset.index));
      const image = /** @type {HTMLImageElement} */ (cell.firstElementChild);
      const url = item?.name ? item.url(size) : "";
      if (url && image.getAttribute("src") !== url) image.src = url;
    }
  }

  /** @param {string} name @returns {HTMLElement | undefined} */
  cellOf(name) {
    return /** @type {HTMLElement | undefined} */ (
      [...this.content.querySelectorAll("[data-image]")].find((cell) => /** @type {HTMLElement} */ (cell).dataset.image === name)
    );
  }
}

function newCell() {
  const image = el("img", { alt: "", draggable: false, decoding: "async", load: showImage, error: markBroken });
  return el(
    "div",
    { class: "ds-grid-cell", role: "gridcell" },
    image,
    el("span", { class: "ds-grid-number", "aria-hidden": "true" }),
    el("span", { class: "ds-grid-mask", "aria-hidden": "true", title: say("Has a mask") }),
    el("span", { class: "ds-grid-label", "aria-hidden": "true" }),
  );
}

/** @param {Event} event */
function showImage({ target }) {
  /** @type {HTMLElement} */ (target).parentElement?.classList.add("ds-grid-loaded");
}

/** @param {Event} event */
function markBroken({ target }) {
  const image = /** @type {HTMLImageElement} */ (target);
  if (image.getAttribute("src")) image.parentElement?.classList.add("ds-grid-broken");
}

/** @param {HTMLElement} cell @param {Item} item @param {number} column @param {number} index in the grid */
function renderCell(cell, item, column, index) {
  if (cell.dataset.image !== item.name) {
    cell.firstElementChild?.removeAttribute("src");
    cell.classList.remove("ds-grid-loaded", "ds-grid-broken");
    cell.dataset.image = item.name;
  }
  cell.dataset.index = String(index);
  cell.id ||= `ds-grid-${++made}`;
  cell.setAttribute("aria-colindex", String(column + 1));
  cell.setAttribute("aria-selected", String(item.selected));
  cell.setAttribute("aria-label", nameFor(item));
  for (const flag of /** @type {const} */ (["masked", "active", "used", "cursor"])) {
    cell.classList.toggle(`ds-grid-${flag}`, item[flag]);
  }
  write(/** @type {HTMLElement} */ (cell.children[1]), String(item.number));
  write(/** @type {HTMLElement} */ (cell.children[3]), item.label);
  cell.title = item.label;
}

let made = 0;

/** @param {Item} item @returns {string} its name for screen readers */
function nameFor({ name, number, label, masked, active }) {
  const parts = [label || name || say("Picture"), say("index {n}", { n: number })];
  if (active) parts.push(say("active"));
  if (masked) parts.push(say("has a mask"));
  return parts.join(", ");
}
