/** Edits a label in a field as wide as the grid, because a label may be a caption of several lines. */

import { el, write } from "../dom.js";
import { say } from "../say.js";

const MAX_CHARACTERS = 10_000;

export class LabelEditor {
  /** @param {{save: (name: string, text: string) => void, next: (step: number) => void, closed: () => void}} actions */
  constructor(actions) {
    this.actions = actions;
    this.name = "";
    this.before = "";
    this.title = el("span", {});
    this.picture = el("img", { alt: "" });
    this.field = el("textarea", {
      class: "ds-field ds-grid-label-field",
      maxLength: MAX_CHARACTERS,
      "aria-label": say("Label"),
      "data-capture-wheel": "true",
      keydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
      blur: () => this.close({ save: true, focus: false }),
    });
    const keys = el("span", { class: "ds-grid-soft" }, say("Enter: save · Tab: next · Esc: cancel"));
    const line = el("div", { class: "ds-grid-label-line" }, this.picture, this.field);
    const head = el("div", { class: "ds-grid-label-head" }, this.title, keys);
    this.element = el("div", { class: "ds-grid-sheet ds-grid-label-editor", hidden: true }, head, line);
  }

  get isOpen() {
    return Boolean(this.name);
  }

  /** @param {{name: string, number: number, label: string, url: string}} item */
  open({ name, number, label, url }) {
    Object.assign(this, { name, before: label });
    this.picture.src = url;
    write(this.title, say("Label of picture {n}", { n: number }));
    this.field.value = label;
    this.element.hidden = false;
    this.field.focus();
    this.field.select();
  }

  /** @param {{save: boolean, focus?: boolean}} how */
  close({ save, focus = true }) {
    const { name, before } = this;
    if (!name) return;
    const text = this.field.value.trim();
    this.name = "";
    this.element.hidden = true;
    if (save && text !== before) this.actions.save(name, text);
    if (focus) this.actions.closed();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    event.stopPropagation();
    const step = event.key === "Tab" ? (event.shiftKey ? -1 : 1) : 0;
    const isEnd = step || event.key === "Escape" || (event.key === "Enter" && !event.shiftKey);
    if (!isEnd || event.isComposing) return;
    event.preventDefault();
    this.close({ save: event.key !== "Escape" });
    if (step) this.actions.next(step);
  }
}
