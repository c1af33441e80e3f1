/** The Bus panel: the list, a slot's own page before it, and what was done last at its foot. */

import { SlotPage } from "./history.js";
import { BusList } from "./list.js";
import { bus } from "./model.js";
import { UndoBar } from "./undo.js";
import { guarded } from "../guard.js";

/** @typedef {import("./client.js").Slot} Slot */

const AGES = 30_000; // ms between two looks at the clock

const undo = new UndoBar();

export class BusView {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    const tell = (/** @type {import("./undo.js").Deed} */ deed) => undo.show(deed);
    /** @type {import("./actions.js").Ways} */
    this.ways = { tell, open: (/** @type {Slot} */ slot) => this.open(slot), undo: () => undo.undo(), back: () => this.back() };
    this.list = new BusList(this.ways);
    /** @type {SlotPage | null} */
    this.page = null;
    this.leave = bus.subscribe(() => this.draw());
    this.clock = setInterval(guarded("ages", () => this.list.draw()), AGES);
    element.addEventListener("keydown", (event) => this.onKey(event));
    element.replaceChildren(this.list.element, undo.element);
    bus.refresh();
  }

  draw() {
    this.list.draw();
    if (!this.page) return;
    const now = bus.find(this.page.slot.id);
    if (!now && bus.isKnown && !bus.error) this.back();
    else if (now && now.modified !== this.page.slot.modified) this.page.refresh();
  }

  /** @param {Slot} slot */
  open(slot) {
    this.page?.destroy();
    this.page = new SlotPage(slot, this.ways);
    this.list.element.hidden = true;
    this.element.prepend(this.page.element);
    this.page.backButton?.focus();
  }

  back() {
    if (!this.page) return;
    this.page.destroy();
    this.page.element.remove();
    this.page = null;
    this.list.element.hidden = false;
    this.list.draw();
    this.list.list.element.focus();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key !== "/" || isTyping || event.ctrlKey || event.altKey || event.metaKey) return;
    this.back();
    this.list.field.focus();
    event.preventDefault();
    event.stopPropagation();
  }

  destroy() {
    this.leave();
    clearInterval(this.clock);
    this.page?.destroy();
  }
}
