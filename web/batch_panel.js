/** The sidebar tab *Batches*: every folder that was walked, how far it is, and what can be done about it. */

import { cardActions, isBusy } from "./lib/batch/actions.js";
import { BatchCard } from "./lib/batch/card.js";
import { batches } from "./lib/batch/store.js";
import { el, write } from "./lib/dom.js";
import { guarded } from "./lib/guard.js";
import { panelHead, registerPanel } from "./lib/panel.js";
import { emptyState, errorState, iconButton } from "./lib/ui.js";

/** @typedef {import("./types/batch.js").Batch} Batch */

class Panel {
  /** @param {HTMLElement} element */
  constructor(element) {
    /** @type {Map<string, {card: BatchCard, row: HTMLElement}>} */
    this.rows = new Map();
    this.filter = "";
    const again = iconButton("pi pi-refresh", "Look again", () => this.load());
    const change = (/** @type {string} */ text) => this.search(text);
    this.head = panelHead({ title: "Batches", tools: [again], search: { label: "Search by folder", change } });
    this.list = el("div", { class: "ds-panel-list", role: "list" });
    this.rest = el("div", { class: "ds-batch-rest", hidden: true });
    element.append(this.head.element, this.rest, this.list);
    this.end = batches.subscribe({ wants: () => true, changed: () => this.draw(), again: () => this.load() });
    this.load();
  }

  load() {
    return guarded("batches", () => this.fetch())();
  }

  async fetch() {
    try {
      await batches.load();
    } catch (error) {
      this.say(errorState(/** @type {import("./lib/client.js").ServerError} */ (error), () => this.load()));
    }
  }

  /** @param {string} text */
  search(text) {
    this.filter = text.trim().toLowerCase();
    this.draw();
  }

  /** @param {HTMLElement} state what to show instead of a list */
  say(state) {
    this.list.hidden = true;
    this.rest.hidden = false;
    this.rest.replaceChildren(state);
  }

  draw() {
    const all = batches.all();
    const shown = all.filter(({ folder }) => folder.toLowerCase().includes(this.filter));
    if (!shown.length) return this.say(this.nothing(all.length > 0));
    this.list.hidden = false;
    this.rest.hidden = true;
    const keys = new Set(shown.map(({ key }) => key));
    for (const [key, { row }] of this.rows) if (!keys.has(key)) row.remove();
    shown.forEach((batch, place) => this.place(batch, place));
    return undefined;
  }

  /** @param {boolean} isFiltered */
  nothing(isFiltered) {
    if (isFiltered) return emptyState({ icon: "pi pi-search", title: "No folder of that name", text: "Search for less." });
    const text = "Add a Batch Image Loader, name a folder, and press Run: it walks all of it.";
    return emptyState({ icon: "pi pi-forward", title: "No batch yet", text });
  }

  /** @param {Batch} batch @param {number} place */
  place(batch, place) {
    const { card, row } = this.row(batch);
    card.update({ batch, trigger: batches.trigger(), busy: isBusy(batch.key), note: "Not begun", isNamed: true });
    if (this.list.children[place] !== row) this.list.insertBefore(row, this.list.children[place] ?? null);
  }

  /** @param {Batch} batch */
  row({ key, name, folder, filter }) {
    const known = this.rows.get(key);
    if (known) return known;
    const card = new BatchCard(cardActions(), `Batch ${name}`);
    const title = el("div", { class: "ds-batch-folder", title: folder });
    write(title, name);
    const row = el("section", { class: "ds-batch-row", role: "listitem" }, title, this.where(folder, filter), card.element);
    this.rows.set(key, { card, row });
    return { card, row };
  }

  /** @param {string} folder @param {string} filter */
  where(folder, filter) {
    return el("div", { class: "ds-batch-where", title: `${folder} · ${filter}` }, el("bdi", {}, folder));
  }
}

/** @type {Panel | undefined} */
let panel;

registerPanel({
  id: "datasete-batches",
  title: "Batches",
  icon: "pi pi-forward",
  tooltip: "Folders that batches walk",
  render: (element) => {
    panel?.end();
    panel = new Panel(element);
  },
  destroy: () => {
    panel?.end();
    panel = undefined;
  },
});
