/** What a pool looks like inside its node. The elements are made once; the controller makes them show the pool. */

import { el } from "../dom.js";
import { say } from "../say.js";
import { button } from "../ui.js";

/**
 * @typedef {object} Actions what the buttons do
 * @property {() => void} search
 * @property {() => void} add
 * @property {() => void} label
 * @property {() => void} paint
 * @property {() => void} remove
 * @property {() => void} detach
 */

/**
 * A button with a word, or, where the node is too narrow for words, with an icon.
 *
 * @param {string} icon of PrimeIcons
 * @param {string} word
 * @param {() => void} click
 * @param {Record<string, string>} more
 */
function faced(icon, word, click, more) {
  const made = button("", click, { "aria-label": word, ...more });
  made.append(el("i", { class: `pi pi-${icon} ds-grid-icon`, "aria-hidden": "true" }), el("span", { class: "ds-grid-word" }, word));
  return made;
}

export class GridView {
  /** @param {Actions} actions */
  constructor(actions) {
    this.status = el("span", { class: "ds-grid-status", role: "status" });
    this.owner = el("span", { class: "ds-grid-owner" });
    this.search = el("input", {
      type: "search",
      class: "ds-field ds-grid-search",
      placeholder: say("Search labels"),
      "aria-label": say("Search by label"),
      spellcheck: false,
      input: actions.search,
    });
    this.add = faced("plus", say("Add pictures"), actions.add, { title: say("Choose pictures, or drop or paste them here") });
    this.viewport = el("div", {
      class: "ds-grid-viewport",
      role: "grid",
      tabIndex: 0,
      "aria-label": say("Pictures in the pool"),
      "aria-multiselectable": "true",
      "data-capture-wheel": "true",
      "data-testid": "datasete-pool-grid",
    });
    this.marker = el("div", { class: "ds-grid-marker", hidden: true });
    this.hint = el("div", { class: "ds-grid-hint", hidden: true }, say("Drop to add"));
    this.label = faced("tag", say("Label"), actions.label, { kind: "quiet", title: say("Edit the label (F2)") });
    this.paint = faced("pencil", say("Mask"), actions.paint, { kind: "quiet", title: say("Paint a mask (M)") });
    this.remove = faced("trash", say("Remove"), actions.remove, { kind: "quiet", title: say("Remove from the pool (Delete)") });
    const own = { kind: "quiet", class: "ds-grid-last", title: say("Give this node its own copy of the pool") };
    this.detach = faced("clone", say("Detach"), actions.detach, own);
    this.stage = el("div", { class: "ds-grid-stage" }, this.viewport, this.marker, this.hint);
    const foot = [this.label, this.paint, this.remove, this.detach];
    const group = { role: "group", "aria-label": say("Image pool"), "data-own-keys": "", "data-testid": "datasete-pool" };
    this.element = el(
      "div",
      { class: "ds-grid-pool ds-root ds-node", ...group },
      el("div", { class: "ds-grid-head" }, this.status, this.owner),
      el("div", { class: "ds-grid-tools" }, this.search, this.add),
      this.stage,
      el("div", { class: "ds-grid-foot" }, ...foot),
    );
  }
}
