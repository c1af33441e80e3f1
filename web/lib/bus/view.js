/** The Bus panel: the list of slots, or one slot's own page, and at the foot what was done last. */

import { BusList } from "./list.js";
import { SlotPage } from "./slot_page.js";
import { bus } from "./store.js";
import { el } from "../dom.js";
import { guarded } from "../guard.js";
import { button, iconButton } from "../ui.js";

/** @typedef {import("./actions.js").Done} Done */
/** @typedef {import("./client.js").Slot} Slot */

const AGES_MS = 30_000; // how often "3 min ago" is brought up to date
const UNDO_MS = 10_000;


export class BusView {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    /** @type {import("./actions.js").Panel} */
    this.panel = {
      open: (slot) => this.open(slot),
      back: () => this.back(),
      report: (done) => undoBar.show(done),
      undo: () => undoBar.undo(),
    };
    this.list = new BusList(this.panel);
    /** @type {SlotPage | null} */
    this.page = null;
    this.leave = bus.subscribe(() => this.draw());
    this.clock = setInterval(guarded("ages", () => this.list.draw()), AGES_MS);
    element.addEventListener("keydown", (event) => this.onKey(event));
    element.replaceChildren(this.list.element, undoBar.element);
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
    this.page = new SlotPage(slot, this.panel);
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

/** Says what was done last and, for some seconds, offers to undo it. It outlives the view that it was done in. */
class UndoBar {
  constructor() {
    this.text = el("span", { class: "ds-bus-undo-text", role: "status" });
    this.button = button("Undo", () => this.undo(), { kind: "quiet", class: "ds-bus-undo-button" });
    const close = iconButton("pi pi-times", "Dismiss", () => this.hide());
    this.element = el("div", { class: "ds-bus-undo", hidden: true }, this.text, this.button, close);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Done["undo"]} */
    this.action = null;
    // It stays for those who are reading it, or about to press it.
    for (const event of ["pointerenter", "focusin"]) this.element.addEventListener(event, () => clearTimeout(this.timer));
    for (const event of ["pointerleave", "focusout"]) this.element.addEventListener(event, () => this.wait());
  }

  /** @param {Done} done */
  show({ text, undo }) {
    this.text.textContent = text;
    this.action = undo;
    this.button.hidden = !undo;
    this.element.hidden = false;
    this.wait();
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), UNDO_MS);
  }

  hide() {
    clearTimeout(this.timer);
    this.element.hidden = true;
    this.action = null;
  }

  /** @returns {boolean} whether there was something to undo */
  undo() {
    const action = this.action;
    this.hide();
    guarded("undo", async () => action?.())();
    return action !== null;
  }
}

const undoBar = new UndoBar();
