/** The line between before and after: dragged with mouse, pen or finger, or moved with the arrow keys. */

import { el } from "../dom.js";

const STEP = 0.02;
const LEAP = 0.1;

export class Divider {
  /** @param {(share: number) => void} moved called with how much of the width lies left of it */
  constructor(moved) {
    this.moved = moved;
    this.share = 0.5;
    this.element = el(
      "button",
      { class: "ds-bus-divider", type: "button", role: "slider", autofocus: true, "aria-label": "Divider between left and right picture" },
      el("i", { class: "pi pi-arrows-h", "aria-hidden": "true" }),
    );
    this.element.setAttribute("aria-orientation", "horizontal");
    this.element.setAttribute("aria-valuemin", "0");
    this.element.setAttribute("aria-valuemax", "100");
    this.element.addEventListener("pointerdown", (event) => this.grip(event));
    this.element.addEventListener("pointermove", (event) => this.drag(event));
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    queueMicrotask(() => this.to(this.share));
  }

  /** @param {number} share */
  to(share) {
    this.share = Math.min(Math.max(share, 0), 1);
    this.element.setAttribute("aria-valuenow", String(Math.round(100 * this.share)));
    this.moved(this.share);
  }

  /** @param {PointerEvent} event */
  grip(event) {
    event.stopPropagation();
    this.element.setPointerCapture(event.pointerId);
    this.element.focus();
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const stage = this.element.parentElement?.getBoundingClientRect();
    if (!stage || !this.element.hasPointerCapture(event.pointerId)) return;
    this.to((event.clientX - stage.left) / stage.width);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const step = event.shiftKey ? LEAP : STEP;
    const target = /** @type {Record<string, number>} */ ({
      ArrowLeft: this.share - step,
      ArrowDown: this.share - step,
      ArrowRight: this.share + step,
      ArrowUp: this.share + step,
      PageDown: this.share - LEAP,
      PageUp: this.share + LEAP,
      Home: 0,
      End: 1,
    })[event.key];
    if (target === undefined) return;
    this.to(target);
    event.preventDefault();
    event.stopPropagation();
  }
}
