/**
 * The list of all waiting gates, oldest first, whose workflows need not be open. It is shown in a tab of the sidebar and in a
 * dialog. What was answered stays in its place while the pointer or the focus is in the list: whoever presses twice by
 * mistake must not answer the next gate, which would lie under the pointer.
 */

import { el, write } from "../dom.js";
import { answers } from "../gate/answers.js";
import { gates } from "../gate/store.js";
import { say, sayCount } from "../say.js";
import { emptyState, errorState } from "../ui.js";
import { GateRow } from "./row.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

const KEEP_MS = 1500; // an answered gate at least

export class WaitingList {
  /** @param {(gate: Gate) => void} show brings a gate before the person */
  constructor(show) {
    this.showGate = show;
    /** @type {Map<string, GateRow>} by token */
    this.rows = new Map();
    this.items = el("ul", { class: "ds-waiting-list", "aria-label": say("Waiting gates") });
    this.empty = el("div", { class: "ds-waiting-empty" });
    this.news = el("div", { class: "ds-waiting-news", role: "status" });
    this.element = el("div", { class: "ds-panel-list ds-waiting", "data-own-keys": "" }, this.news, this.items, this.empty);
    const draw = () => this.draw();
    this.leave = [gates.subscribe(draw), answers.subscribe(draw)];
    this.clock = setInterval(() => this.tick(), 1000);
    for (const event of ["pointerleave", "focusout"]) this.element.addEventListener(event, () => this.tidySoon());
    this.draw();
    gates.refresh();
  }

  draw() {
    const waiting = gates.all().filter(({ shown }) => shown !== false);
    const tokens = new Set(waiting.map(({ token }) => token));
    for (const [token, row] of this.rows) if (!tokens.has(token)) this.close(row);
    for (const gate of waiting) this.place(gate);
    write(this.news, sayCount(waiting.length, "{n} gate waits", "{n} gates wait"));
    this.drawEmpty();
  }

  /** @param {Gate} gate */
  place(gate) {
    const known = this.rows.get(gate.token);
    if (known) return known.update(gate);
    const row = new GateRow(gate, this.showGate);
    this.rows.set(gate.token, row);
    return this.items.append(row.element);
  }

  drawEmpty() {
    this.items.hidden = this.rows.size === 0;
    this.empty.hidden = this.rows.size > 0;
    if (this.rows.size) return this.empty.replaceChildren();
    if (gates.error && !gates.isKnown) return this.empty.replaceChildren(errorState(gates.error, () => void gates.refresh()));
    if (this.empty.childElementCount && !this.empty.querySelector("[role='alert']")) return undefined;
    const text = say("When a run pauses at a gate, its picture can be seen and answered here.");
    return this.empty.replaceChildren(emptyState({ icon: "pi pi-pause-circle", title: say("No gate is waiting"), text }));
  }

  /** @param {GateRow} row */
  close(row) {
    const hadFocus = row.element.contains(document.activeElement);
    const wasOpen = row.isOpen;
    row.close();
    if (!wasOpen) return;
    if (hadFocus) this.focusAfter(row);
    setTimeout(() => this.tidy(), KEEP_MS);
  }

  /** @param {GateRow} row that is inert now */
  focusAfter(row) {
    const open = [...this.rows.values()].filter(({ isOpen }) => isOpen);
    const after = open.find(({ element }) => row.element.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING);
    (after ?? open[0])?.enlarge.focus();
  }

  tidySoon() {
    setTimeout(() => this.tidy(), KEEP_MS);
  }

  /** Takes away what was answered, unless that would move another gate under the pointer. */
  tidy() {
    if (this.element.matches(":hover")) return;
    for (const [token, row] of this.rows) {
      if (row.isOpen) continue;
      row.element.remove();
      this.rows.delete(token);
    }
    this.drawEmpty();
  }

  tick() {
    for (const row of this.rows.values()) row.tick();
  }

  destroy() {
    for (const leave of this.leave) leave();
    clearInterval(this.clock);
  }
}
