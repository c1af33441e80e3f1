/** A button for each route; while the routes are being named, a text field for each. */

import { el, write } from "../dom.js";
import { say } from "../say.js";
import { keysAct } from "./key_setting.js";

/**
 * @param {number} count of routes
 * @returns {number} how many stand in a row, so that a few words fit on each
 */
export const columnsFor = (count) => (count <= 3 ? Math.max(1, count) : count === 4 ? 2 : 3);

export class RouteButtons {
  /**
   * @param {(route: number) => void} choose
   * @param {(route: number, label: string) => void} rename
   * @param {{hasKeys?: boolean}} [options] whether keys choose these routes
   */
  constructor(choose, rename, { hasKeys = true } = {}) {
    this.hasKeys = hasKeys;
    this.choose = choose;
    this.rename = rename;
    this.isNaming = false;
    /** @type {string[]} */
    this.labels = [];
    this.isOpen = false;
    this.busy = false;
    this.element = el("div", { class: "ds-gate-routes", role: "group", "aria-label": say("Routes") });
  }

  /** @param {{labels: string[], isOpen: boolean, busy: boolean}} state */
  update({ labels, isOpen, busy }) {
    Object.assign(this, { isOpen, busy, labels });
    this.element.style.setProperty("--ds-gate-columns", String(columnsFor(labels.length)));
    if (this.element.childElementCount !== labels.length) this.rebuild();
    for (const [index, child] of [...this.element.children].entries()) this.render(child, index);
  }

  toggleNaming() {
    this.isNaming = !this.isNaming;
    this.rebuild();
    this.update(this);
    if (this.isNaming) /** @type {HTMLElement | null} */ (this.element.firstElementChild)?.focus();
  }

  rebuild() {
    this.element.replaceChildren(...this.labels.map((_, index) => (this.isNaming ? this.field(index) : this.button(index))));
  }

  /** @param {number} index */
  button(index) {
    const route = index + 1;
    return el(
      "button",
      { type: "button", class: "ds-button ds-gate-route", "data-route": String(route), click: () => this.choose(route) },
      el("kbd", { "aria-hidden": "true" }, String(route % 10)),
      el("span", {}),
    );
  }

  /** @param {number} index */
  field(index) {
    const input = el("input", {
      type: "text",
      class: "ds-field ds-gate-name",
      maxLength: 40,
      spellcheck: false,
      "data-route": String(index + 1),
      "aria-label": say("Name of route {n}", { n: index + 1 }),
      change: () => this.rename(index + 1, input.value),
      keydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event, index),
    });
    return input;
  }

  /** @param {KeyboardEvent} event @param {number} index */
  onKey(event, index) {
    event.stopPropagation();
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (event.key === "Escape") input.value = this.labels[index];
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    input.blur();
  }

  /** @param {Element} child @param {number} index */
  render(child, index) {
    const label = this.labels[index];
    if (child instanceof HTMLInputElement) {
      child.placeholder = String(index + 1);
      if (document.activeElement !== child) child.value = label === String(index + 1) ? "" : label;
    } else if (child instanceof HTMLButtonElement) {
      const isNamed = label !== String(index + 1);
      write(/** @type {HTMLElement} */ (child.lastElementChild), isNamed ? label : say("Route {n}", { n: label }));
      child.disabled = !this.isOpen || this.busy;
      const key = !this.hasKeys || keysAct() === "off" ? "" : String((index + 1) % 10);
      /** @type {HTMLElement} */ (child.firstElementChild).hidden = !key;
      child.title = this.isOpen ? titleOf(isNamed ? label : say("route {n}", { n: label }), key) : label;
      child.setAttribute("aria-keyshortcuts", key);
    }
  }
}

/** @param {string} route @param {string} key that answers with it; "" for none */
const titleOf = (route, key) => (key ? say("Send to {route} (key {key})", { route, key }) : say("Send to {route}", { route }));
