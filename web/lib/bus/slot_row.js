/** A row of the Bus panel: a slot's picture, its name, and what is known about it. */

import { fetchThumb } from "./client.js";
import { openSlotMenu } from "./picture_menu.js";
import { frames, since } from "./text.js";
import { el, write } from "../dom.js";
import { say } from "../say.js";
import { bytes } from "../text.js";
import { Thumbs } from "./thumbs.js";
import { iconButton } from "../ui.js";

/** @typedef {import("./client.js").Slot} Slot */
/** @typedef {import("./client.js").Thumb} Thumb */
/** @typedef {{open: (slot: Slot) => void, gate: (slot: Slot) => void, remove: (slot: Slot) => void, prepare: (row: HTMLElement, slot: () => Slot) => void}} Acts */

const SIZE = 128; // pixels asked for: 48 shown, twice or more on fine screens

const thumbs = new Thumbs();

export class SlotRow {
  /** @param {Acts} acts */
  constructor(acts) {
    /** @type {Slot} */
    this.slot = { id: "", modified: 0, since: 0, size: 0 };
    this.key = "";
    this.image = el("img", { alt: "", draggable: false, decoding: "async", hidden: true });
    this.blank = el("i", { class: "pi pi-image", "aria-hidden": "true" });
    this.name = el("div", { class: "ds-panel-name" });
    this.age = el("span");
    this.frames = el("span");
    this.size = el("span", { class: "ds-bus-size" });
    const facts = el("div", { class: "ds-panel-facts ds-bus-facts" }, this.age, this.frames, this.size);
    const tools = el("div", { class: "ds-panel-tools ds-bus-row-tools", role: "gridcell" }, ...this.buttons(acts));
    const text = el("div", { class: "ds-panel-text", role: "gridcell" }, this.name, facts);
    const thumb = el("div", { class: "ds-panel-thumb" }, this.image, this.blank);
    this.element = el("div", { class: "ds-panel-row ds-bus-row", role: "row", click: () => acts.open(this.slot) }, thumb, text, tools);
    this.cancel = () => {};
    this.element.addEventListener("contextmenu", (event) => openSlotMenu(this.slot.id, event));
    acts.prepare(this.element, () => this.slot);
  }

  /** @param {Acts} acts */
  buttons(acts) {
    const acting = (/** @type {(slot: Slot) => void} */ act) => (/** @type {Event} */ event) => {
      event.stopPropagation();
      act(this.slot);
    };
    const add = iconButton("pi pi-plus", "Add a gate that reads it", acting(acts.gate));
    const remove = iconButton("pi pi-trash", "Delete", acting(acts.remove));
    add.tabIndex = remove.tabIndex = -1; // the list keeps the focus; Enter opens a page where every button can be reached
    return [add, remove];
  }

  /** @param {Slot} slot */
  fill(slot) {
    const key = `${slot.id}@${slot.modified}`;
    const isOther = slot.id !== this.slot.id;
    this.slot = slot;
    write(this.name, slot.id);
    this.element.title = slot.id;
    if (key === this.key) return this.showFacts(thumbs.get(key));
    this.cancel();
    this.key = key;
    const known = thumbs.get(key);
    if (known || isOther) this.show(known);
    if (!known) this.cancel = thumbs.request(key, (signal) => fetchThumb(slot.id, "", SIZE, signal), (thumb) => this.show(thumb));
    return undefined;
  }

  release() {
    this.cancel();
    this.key = "";
  }

  /** @param {Thumb | null | undefined} thumb null when there is none */
  show(thumb) {
    this.image.hidden = !thumb;
    this.blank.hidden = Boolean(thumb);
    this.blank.className = thumb === null ? "pi pi-exclamation-triangle" : "pi pi-image";
    if (thumb) this.image.src = thumb.url;
    this.showFacts(thumb);
  }

  /** @param {Thumb | null | undefined} thumb */
  showFacts(thumb) {
    write(this.age, since(this.slot.since));
    write(this.frames, thumb === null ? say("not readable") : thumb ? frames(thumb.frames) : "");
    write(this.size, bytes(this.slot.size));
  }
}
