/** What was done last, and for some seconds the way back. It outlives the view that it was done in. */

import { el } from "../dom.js";
import { guarded } from "../guard.js";
import { iconButton } from "../ui.js";

const SECONDS = 10;

/** @typedef {{text: string, undo: (() => Promise<unknown>) | null}} Deed */

export class UndoBar {
  constructor() {
    this.text = el("span", { class: "ds-bus-undo-text", role: "status" });
    this.button = el("button", { class: "ds-button ds-quiet ds-bus-undo-button", type: "button", click: () => this.undo() }, "Undo");
    const close = iconButton("pi pi-times", "Dismiss", () => this.hide());
    this.element = el("div", { class: "ds-bus-undo", hidden: true }, this.text, this.button, close);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Deed["undo"]} */
    this.way = null;
    // Nobody is hurried who reads it or is about to press it.
    for (const event of ["pointerenter", "focusin"]) this.element.addEventListener(event, () => clearTimeout(this.timer));
    for (const event of ["pointerleave", "focusout"]) this.element.addEventListener(event, () => this.wait());
  }

  /** @param {Deed} deed */
  show({ text, undo }) {
    this.text.textContent = text;
    this.way = undo;
    this.button.hidden = !undo;
    this.element.hidden = false;
    this.wait();
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), SECONDS * 1000);
  }

  hide() {
    clearTimeout(this.timer);
    this.element.hidden = true;
    this.way = null;
  }

  /** @returns {boolean} whether there was something to undo */
  undo() {
    const way = this.way;
    this.hide();
    guarded("undo", async () => way?.())();
    return way !== null;
  }
}
