/** The files of a batch that were skipped, with their reasons: a button with their number, and the list that it opens. */

import { fetchSkipped } from "./client.js";
import { el, write } from "../dom.js";
import { guarded } from "../guard.js";
import { say } from "../say.js";
import { button } from "../ui.js";

/** @typedef {import("../../types/batch.js").Batch} Batch */

const MOST_SHOWN = 200;

export class SkippedList {
  /** @param {() => void} resized called when the list has been opened or closed */
  constructor(resized) {
    /** @type {Batch | null} */
    this.batch = null;
    this.isOpen = false;
    this.fetched = "";
    this.resized = resized;
    this.toggle = button("", () => this.turn(), { "aria-expanded": "false" });
    this.list = el("ul", { class: "ds-batch-list" });
    this.element = el(
      "div",
      { class: "ds-batch-skipped", tabIndex: 0, role: "region", "aria-label": say("Skipped files"), "data-capture-wheel": "true" },
      this.list,
    );
    this.update(null);
  }

  /** @param {Batch | null | undefined} batch */
  update(batch) {
    this.batch = batch ?? null;
    const count = batch?.skipped ?? 0;
    if (!count && this.isOpen) this.turn();
    this.toggle.hidden = !count;
    this.element.hidden = !this.isOpen;
    write(this.toggle, say("Skipped ({n})", { n: count }));
    if (this.isOpen) guarded("skipped files", () => this.fetch())();
  }

  /** Opens the list, or closes it. */
  turn() {
    this.isOpen = !this.isOpen;
    this.toggle.setAttribute("aria-expanded", String(this.isOpen));
    this.element.hidden = !this.isOpen;
    if (this.isOpen) guarded("skipped files", () => this.fetch())();
    this.resized();
  }

  async fetch() {
    if (!this.batch) return;
    const { key, skipped } = this.batch;
    const wanted = `${key} ${skipped}`;
    if (this.fetched === wanted) return;
    this.fetched = wanted;
    try {
      const files = await fetchSkipped(key);
      if (this.fetched === wanted) this.show(files);
    } catch (error) {
      this.fetched = "";
      throw error;
    }
  }

  /** @param {import("../../types/batch.js").Skipped[]} files */
  show(files) {
    const rows = files.slice(0, MOST_SHOWN).map(({ name, reason }) =>
      el("li", {}, el("span", { class: "ds-batch-name" }, name), el("span", { class: "ds-batch-reason" }, reason)),
    );
    const more = files.length - rows.length;
    if (more > 0) rows.push(el("li", { class: "ds-batch-reason" }, say("and {n} more; datasete batch show lists them all", { n: more })));
    this.list.replaceChildren(...rows);
  }
}
