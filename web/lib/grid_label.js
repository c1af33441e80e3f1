/** Writing a label: a field as wide as the grid, because a label may be a caption of several lines. */

import { el, write } from "./dom.js";

const MAX = 10_000;

export class LabelEditor {
  /** @param {{save: (name: string, text: string) => void, next: (step: number) => void, closed: () => void}} actions */
  constructor(actions) {
    this.actions = actions;
    this.name = "";
    this.before = "";
    this.title = el("span", {});
    this.field = el("textarea", {
      class: "dsp-label-field",
      rows: 3,
      maxLength: MAX,
      "aria-label": "Label",
      "data-capture-wheel": "true",
      keydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
      blur: () => this.close({ save: true, focus: false }),
    });
    const keys = el("span", { class: "dsp-soft" }, "Enter saves · Tab goes on · Esc leaves it");
    const head = el("div", { class: "dsp-label-head" }, this.title, keys);
    this.element = el("div", { class: "dsp-label-editor", hidden: true }, head, this.field);
  }

  get isOpen() {
    return Boolean(this.name);
  }

  /** @param {{name: string, number: number, label: string}} item */
  open({ name, number, label }) {
    Object.assign(this, { name, before: label });
    write(this.title, `Label of ${number}`);
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
