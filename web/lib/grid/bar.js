/** The bar below the pictures: an upload's progress, what was refused and why, or what can be undone. */

import { el, write } from "../dom.js";
import { say } from "../say.js";

const OFFER_MS = 12_000; // for which Undo is offered
const EXTENSION_MS = 3000; // while the pointer or the focus is on it
const MAX_REFUSALS = 200; // that are listed one by one

/** @typedef {import("../pool/uploads.js").Uploads} Uploads */

export class Bar {
  /** @param {{undo: () => void, stop: () => void, resume: () => void, dismiss: () => void}} actions */
  constructor(actions) {
    this.actions = actions;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.offered = "";
    this.text = el("span", { class: "ds-grid-bar-text" });
    this.first = el("button", { type: "button", class: "ds-button", click: () => this.act() });
    const close = { class: "ds-button ds-quiet ds-grid-close", "aria-label": say("Close"), click: () => this.dismiss() };
    this.close = el("button", { type: "button", ...close }, "×");
    this.track = el("progress", { class: "ds-progress", max: 1, "aria-label": say("Upload") });
    this.list = el("ul", { class: "ds-grid-refused", tabIndex: 0, "aria-label": say("Not added"), "data-capture-wheel": "true" });
    this.element = el(
      "div",
      { class: "ds-grid-sheet ds-grid-bar", role: "status", hidden: true, "data-testid": "datasete-pool-bar" },
      this.list,
      this.track,
      el("div", { class: "ds-grid-bar-line" }, this.text, this.first, this.close),
    );
    /** @type {() => void} */
    this.act = actions.undo;
  }

  /** @param {Uploads} uploads */
  update(uploads) {
    if (uploads.running) this.showProgress(uploads);
    else if (uploads.error || uploads.wasStopped || uploads.errors.length) this.showEnd(uploads);
    else if (this.offered) this.set(this.offered, say("Undo"), this.actions.undo);
    else this.element.hidden = true;
    if (uploads.running || !uploads.errors.length) this.list.replaceChildren();
    this.list.hidden = !this.list.childElementCount;
  }

  /** @param {Uploads} uploads */
  showProgress(uploads) {
    const { done, total, progress, errors } = uploads;
    const refused = errors.length ? ` · ${say("{n} refused", { n: errors.length })}` : "";
    const isStopping = uploads.isStopping;
    const adding = say("Adding {n} of {all}", { n: done, all: total }) + refused;
    this.set(isStopping ? say("Stopping…") : adding, isStopping ? "" : say("Stop"), this.actions.stop);
    this.track.hidden = false;
    this.track.value = progress;
    this.close.hidden = true;
  }

  /** @param {Uploads} uploads */
  showEnd(uploads) {
    const { added, errors, left, error } = uploads;
    const parts = [say("{n} added", { n: added.length })];
    if (errors.length) parts.push(say("{n} refused", { n: errors.length }));
    if (left.length) parts.push(say("{n} not sent", { n: left.length }));
    const reason = error ? `${error.message} ` : "";
    this.set(reason + parts.join(", "), left.length ? say("Continue") : "", this.actions.resume);
    if (this.list.childElementCount !== Math.min(errors.length, MAX_REFUSALS)) {
      this.list.replaceChildren(...errors.slice(0, MAX_REFUSALS).map(refusal));
    }
  }

  /** @param {string} text @param {string} label @param {() => void} act */
  set(text, label, act) {
    this.element.hidden = false;
    this.track.hidden = true;
    this.close.hidden = false;
    this.first.hidden = !label;
    write(this.text, text);
    write(this.first, label);
    this.act = act;
  }

  /** @param {string} what was done and can be undone; "" withdraws the offer @param {() => void} ended called when it expires */
  offer(what, ended) {
    clearTimeout(this.timer);
    this.offered = what;
    if (what) this.timer = setTimeout(() => this.withdraw(ended), OFFER_MS);
  }

  /** @param {() => void} ended */
  withdraw(ended) {
    if (this.element.matches(":hover, :focus-within")) {
      this.timer = setTimeout(() => this.withdraw(ended), EXTENSION_MS);
      return;
    }
    this.offered = "";
    ended();
  }

  dismiss() {
    this.offered = "";
    this.actions.dismiss();
  }
}

/** @param {import("../pool/client.js").Refusal} refusal */
function refusal({ file, message, hint }) {
  return el("li", { title: hint }, el("b", {}, file || say("A file")), ` ${message}`);
}
