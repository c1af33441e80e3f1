/** All slots, in natural order or newest first, searched by name. */

import { removeSlot } from "./actions.js";
import { SlotRow } from "./slot_row.js";
import { bus } from "./store.js";
import { addGate, makeDraggable } from "./to_canvas.js";
import { VirtualList } from "./virtual_list.js";
import { say } from "../say.js";
import { folded } from "../text.js";
import { el, write } from "../dom.js";
import { guarded } from "../guard.js";
import { panelHead } from "../panel.js";
import { button, emptyState, errorState, iconButton, sentences } from "../ui.js";

/** @typedef {import("./client.js").Slot} Slot */

const ROW = 60;
const ORDER = "datasete.bus.newest-first";
const nothing = () =>
  emptyState({
    icon: "pi pi-images",
    title: say("The bus is empty"),
    text: say("Set send_id on an Image Gate: the picture that passes it is published under that name, and appears here."),
  });

export class BusList {
  /**
   * @param {import("./actions.js").Panel} panel
   */
  constructor(panel) {
    this.panel = panel;
    this.isNewestFirst = stored() === "1";
    this.query = "";
    this.chosen = "";
    /** @type {Slot[]} */
    this.slots = [];
    /** @type {WeakMap<HTMLElement, SlotRow>} */
    this.rows = new WeakMap();
    this.list = this.makeList();
    this.order = iconButton("pi pi-clock", "Newest first", () => this.turn());
    const refresh = iconButton("pi pi-refresh", "Refresh", () => bus.refresh());
    const head = panelHead({ title: say("Bus"), tools: [this.order, refresh], search: { label: say("Search slots  /"), change: (text) => this.search(text) } });
    this.field = /** @type {HTMLInputElement} */ (head.search);
    this.title = head.title;
    this.field.addEventListener("keydown", (event) => this.onSearchKey(event));
    this.state = el("div", { class: "ds-bus-state" });
    this.element = el("div", { class: "ds-bus-page" }, head.element, this.state, this.list.element);
    this.list.element.addEventListener("keydown", guarded("bus keys", (event) => this.onKey(event)));
    this.list.element.addEventListener("focus", () => this.chosen || this.choose(0));
    this.draw();
  }

  makeList() {
    const make = () => {
      const row = new SlotRow({
        open: (slot) => this.open(slot),
        gate: (slot) => addGate(slot.id),
        remove: guarded("delete", (slot) => this.remove(slot)),
        prepare: (element, slot) => makeDraggable(element, () => slot().id),
      });
      this.rows.set(row.element, row);
      return row.element;
    };
    const fill = (/** @type {HTMLElement} */ element, /** @type {number} */ index) => {
      const slot = this.slots[index];
      element.id = `ds-bus-row-${index}`;
      element.setAttribute("aria-selected", String(slot.id === this.chosen));
      this.rows.get(element)?.fill(slot);
    };
    const release = (/** @type {HTMLElement} */ element) => this.rows.get(element)?.release();
    return new VirtualList({ height: ROW, make, fill, release }, say("Slots"));
  }

  /** Shows what the store has now. */
  draw() {
    const words = folded(this.query).split(/\s+/).filter(Boolean);
    const found = words.length ? bus.slots.filter(({ id }) => words.every((word) => folded(id).includes(word))) : bus.slots;
    this.slots = this.isNewestFirst ? [...found].sort((one, other) => other.modified - one.modified) : found;
    this.order.setAttribute("aria-pressed", String(this.isNewestFirst));
    write(this.title, this.heading(found.length, words.length > 0));
    this.state.replaceChildren(...this.states());
    this.list.element.hidden = !this.slots.length;
    this.list.reset(this.slots.length);
    this.mark();
  }

  /** @param {number} found @param {boolean} isSearch */
  heading(found, isSearch) {
    if (!bus.isKnown) return say("Bus");
    const [n, all] = [found.toLocaleString(), bus.slots.length.toLocaleString()];
    return isSearch ? say("Bus · {n} of {all}", { n, all }) : say("Bus · {n}", { n });
  }

  /** @returns {HTMLElement[]} what stands in for the list, or above it */
  states() {
    const { error } = bus;
    if (error) return [errorState({ message: say("The bus cannot be read"), hint: sentences(error) }, () => bus.refresh())];
    if (!bus.isKnown) return [el("p", { class: "ds-bus-wait", role: "status" }, say("Loading slots…"))];
    if (this.slots.length) return [];
    if (!bus.slots.length) return [nothing()];
    const action = button("Show all", () => this.clear());
    const text = say("No slot's name contains “{query}”.", { query: this.query.trim() });
    return [emptyState({ icon: "pi pi-search", title: say("No matching slots"), text, action })];
  }

  turn() {
    this.isNewestFirst = !this.isNewestFirst;
    store(this.isNewestFirst ? "1" : "0");
    this.draw();
    this.list.element.scrollTop = 0;
  }

  /** @param {string} text */
  search(text) {
    this.query = text;
    this.list.element.scrollTop = 0;
    this.draw();
  }

  clear() {
    this.field.value = "";
    this.search("");
    this.field.focus();
  }

  /** @param {Slot} slot */
  open(slot) {
    this.chosen = slot.id;
    this.mark();
    this.panel.open(slot);
  }

  /** @param {Slot} slot */
  async remove(slot) {
    const place = this.slots.indexOf(slot);
    if (!(await removeSlot(slot.id, this.panel.report))) return;
    if (this.chosen === slot.id && this.slots.length) this.choose(Math.min(place, this.slots.length - 1));
  }

  /** @param {number} index */
  choose(index) {
    const slot = this.slots[index];
    if (!slot) return;
    this.chosen = slot.id;
    this.list.reveal(index);
    this.mark();
  }

  mark() {
    let active = "";
    for (const row of this.list.shown.values()) {
      const isChosen = this.rows.get(row)?.slot.id === this.chosen;
      row.setAttribute("aria-selected", String(isChosen));
      if (isChosen) active = row.id;
    }
    this.list.element.setAttribute("aria-activedescendant", active);
  }

  /** @param {KeyboardEvent} event */
  onSearchKey(event) {
    if (event.key === "Escape" && this.query) this.clear();
    else if (event.key === "ArrowDown" || event.key === "Enter") this.list.element.focus();
    else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.altKey || event.target !== this.list.element) return;
    if ((event.ctrlKey || event.metaKey) && event.key !== "z") return;
    const act = this.actOf(event);
    if (!act) return;
    act();
    event.preventDefault();
    event.stopPropagation(); // or ComfyUI deletes what is selected on the canvas
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {(() => void) | undefined}
   */
  actOf(event) {
    const at = this.slots.findIndex(({ id }) => id === this.chosen);
    const last = this.slots.length - 1;
    const move = (/** @type {number} */ by) => () => this.choose(at < 0 ? 0 : Math.min(Math.max(at + by, 0), last));
    const slot = this.slots[at];
    if (event.ctrlKey || event.metaKey) return () => this.panel.undo();
    return {
      ArrowDown: move(1),
      ArrowUp: move(-1),
      PageDown: move(this.list.page),
      PageUp: move(-this.list.page),
      Home: () => this.choose(0),
      End: () => this.choose(last),
      Enter: slot && (() => (event.shiftKey ? addGate(slot.id) : this.open(slot))),
      Delete: slot && guarded("delete", () => this.remove(slot)),
      Backspace: slot && guarded("delete", () => this.remove(slot)),
    }[event.key];
  }
}

function stored() {
  try {
    return localStorage.getItem(ORDER);
  } catch {
    return null; // a browser may refuse to store anything
  }
}

/** @param {string} value */
function store(value) {
  try {
    localStorage.setItem(ORDER, value);
  } catch {
    // the order is the natural one next time
  }
}
