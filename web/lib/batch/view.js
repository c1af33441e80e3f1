/** The Batches panel: every folder that was walked, how far it is, and what can be done about it. */

import { cardActions, isBusy } from "./actions.js";
import { BatchCard } from "./card.js";
import { batches } from "./store.js";
import { el } from "../dom.js";
import { panelHead } from "../panel.js";
import { say } from "../say.js";
import { emptyState, errorState, iconButton } from "../ui.js";

/** @typedef {import("../../types/batch.js").Batch} Batch */

export class BatchesView {
  /** @param {HTMLElement} element */
  constructor(element) {
    /** @type {Map<string, {card: BatchCard, row: HTMLElement}>} */
    this.rows = new Map();
    this.filter = "";
    const refresh = iconButton("pi pi-refresh", "Refresh", () => batches.loadAll());
    const change = (/** @type {string} */ text) => this.search(text);
    const head = panelHead({ title: say("Batches"), tools: [refresh], search: { label: say("Search by folder"), change } });
    this.list = el("div", { class: "ds-panel-list", role: "list" });
    this.state = el("div", { class: "ds-batch-rest", hidden: true });
    element.append(head.element, this.state, this.list);
    this.endings = [
      batches.subscribe(() => this.draw()),
      batches.moves.subscribe((key) => batches.load(key)),
      batches.gaps.subscribe(() => batches.loadAll()),
    ];
    batches.loadAll();
  }

  destroy() {
    for (const end of this.endings) end();
  }

  /** @param {string} text */
  search(text) {
    this.filter = text.trim().toLowerCase();
    this.draw();
  }

  draw() {
    const all = batches.sorted();
    const shown = all.filter(({ folder }) => folder.toLowerCase().includes(this.filter));
    const state = this.standIn(all.length, shown.length);
    this.list.hidden = Boolean(state);
    this.state.hidden = !state;
    if (state) this.state.replaceChildren(state);
    else this.drawRows(shown);
  }

  /** @param {number} all @param {number} shown @returns {HTMLElement | undefined} what is shown instead of the list */
  standIn(all, shown) {
    if (batches.error) return errorState(batches.error, () => batches.loadAll());
    if (shown) return undefined;
    if (all) return emptyState({ icon: "pi pi-search", title: say("No matching folder"), text: say("Try a shorter search.") });
    const text = say("Add a Batch Image Loader, enter a folder and press Run: it walks every file in it.");
    return emptyState({ icon: "pi pi-forward", title: say("No batches yet"), text });
  }

  /** @param {Batch[]} shown */
  drawRows(shown) {
    const keys = new Set(shown.map(({ key }) => key));
    for (const [key, { row }] of this.rows) if (!keys.has(key)) row.remove();
    shown.forEach((batch, place) => this.drawRow(batch, place));
  }

  /** @param {Batch} batch @param {number} place */
  drawRow(batch, place) {
    const { card, row } = this.rowOf(batch);
    card.update({ batch, trigger: batches.trigger, busy: isBusy(batch.key), note: say("Not started"), isNamed: true });
    if (this.list.children[place] !== row) this.list.insertBefore(row, this.list.children[place] ?? null);
  }

  /** @param {Batch} batch */
  rowOf({ key, name, folder, filter }) {
    const known = this.rows.get(key);
    if (known) return known;
    const card = new BatchCard(cardActions(), say("Batch {name}", { name }));
    const title = el("div", { class: "ds-batch-folder", title: folder }, name);
    const where = el("div", { class: "ds-batch-where", title: `${folder} · ${filter}` }, el("bdi", {}, folder));
    const row = el("section", { class: "ds-batch-row", role: "listitem" }, title, where, card.element);
    this.rows.set(key, { card, row });
    return { card, row };
  }
}
