/** A list of any length. Only the rows in sight are elements. */

import { el } from "../dom.js";

const BEYOND = 3; // rows above and below those in sight, so that scrolling finds them there

/**
 * @typedef {object} Rows
 * @property {number} height of each row, in pixels
 * @property {() => HTMLElement} make an empty row
 * @property {(row: HTMLElement, index: number) => void} fill
 * @property {(row: HTMLElement) => void} release the row went out of sight
 */

export class VirtualList {
  /**
   * @param {Rows} rows
   * @param {string} label
   */
  constructor(rows, label) {
    this.rows = rows;
    this.count = 0;
    /** @type {Map<number, HTMLElement>} by index */
    this.shown = new Map();
    /** @type {HTMLElement[]} */
    this.spare = [];
    this.runway = el("div", { class: "ds-bus-runway", role: "rowgroup" });
    this.element = el("div", { class: "ds-panel-list ds-bus-list", role: "grid", tabIndex: 0, "aria-label": label }, this.runway);
    this.element.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  /** @param {number} count shows this many rows, each filled again */
  reset(count) {
    this.count = count;
    this.element.setAttribute("aria-rowcount", String(count));
    this.runway.style.height = `${count * this.rows.height}px`;
    this.draw();
    for (const [index, row] of this.shown) this.rows.fill(row, index);
  }

  /** @returns {[number, number]} the first row to show, and the one after the last */
  range() {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.floor(scrollTop / this.rows.height) - BEYOND;
    const last = Math.ceil((scrollTop + clientHeight) / this.rows.height) + BEYOND;
    return clientHeight ? [Math.max(0, first), Math.min(this.count, last)] : [0, 0];
  }

  draw() {
    const [first, last] = this.range();
    for (const [index, row] of [...this.shown]) if (index < first || index >= last) this.release(index, row);
    for (let index = first; index < last; index++) if (!this.shown.has(index)) this.show(index);
  }

  /** @param {number} index */
  show(index) {
    const row = this.spare.pop() ?? this.rows.make();
    row.style.transform = `translateY(${index * this.rows.height}px)`;
    row.setAttribute("aria-rowindex", String(index + 1));
    this.shown.set(index, row);
    this.rows.fill(row, index);
    if (!row.isConnected) this.runway.append(row);
    row.hidden = false;
  }

  /** @param {number} index @param {HTMLElement} row */
  release(index, row) {
    this.rows.release(row);
    row.hidden = true;
    this.shown.delete(index);
    this.spare.push(row);
  }

  /** @param {number} index brings a row into sight */
  reveal(index) {
    const { element, rows } = this;
    const [top, bottom] = [index * rows.height, (index + 1) * rows.height];
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
    this.draw();
  }

  /** @returns {number} how many whole rows are in sight */
  get page() {
    return Math.max(1, Math.floor(this.element.clientHeight / this.rows.height));
  }
}
