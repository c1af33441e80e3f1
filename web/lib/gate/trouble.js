/** Stands in place of the routes when the answer could not be carried out: says what happened and what to do. */

import { el, write } from "../dom.js";
import { button } from "../ui.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

export class Trouble {
  /** @param {() => void} retry @param {() => void} stop */
  constructor(retry, stop) {
    this.message = el("p");
    this.hint = el("p", { class: "ds-gate-trouble-hint" });
    this.retry = button("Try again", retry);
    this.stop = button("Stop", stop);
    const buttons = el("div", { class: "ds-gate-trouble-buttons" }, this.retry, this.stop);
    this.element = el("div", { class: "ds-trouble ds-gate-trouble", role: "alert", hidden: true, "data-testid": "datasete-gate-trouble" });
    this.element.append(this.message, this.hint, buttons);
  }

  /** @param {{gate: Gate | undefined, busy: boolean}} state */
  update({ gate, busy }) {
    this.element.hidden = !gate?.trouble;
    this.retry.disabled = this.stop.disabled = busy;
    write(this.message, gate?.trouble?.message ?? "");
    write(this.hint, gate?.trouble?.hint ?? "");
    this.hint.hidden = !gate?.trouble?.hint;
  }
}
