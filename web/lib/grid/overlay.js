/** What covers the pictures when there are none to show: an invitation, or what went wrong and what to do about it. */

import { el, write } from "../dom.js";
import { say } from "../say.js";
import { sentences } from "../ui.js";

/**
 * @typedef {object} EmptyState what the overlay says
 * @property {string} kind
 * @property {string} title
 * @property {string} [text]
 * @property {string} [button]
 * @property {() => void} [click]
 * @property {boolean} [isTranslucent] whether the pictures behind it stay visible
 */

/**
 * @typedef {object} Context what the empty state depends on beside the pool, and what its buttons do
 * @property {boolean} isMissingProfile
 * @property {string} query of the search field
 * @property {number} found how many pictures the grid has to show
 * @property {() => void} startNew
 * @property {() => void} clear
 * @property {() => void} retry
 * @property {() => void} rebuild
 * @property {() => void} add
 */

export class Overlay {
  constructor() {
    this.title = el("div", { class: "ds-grid-overlay-title" });
    this.text = el("div", { class: "ds-grid-overlay-text" });
    /** @type {(() => void) | undefined} */
    this.click = undefined;
    this.button = el("button", { type: "button", class: "ds-button", click: () => this.click?.() });
    const content = [this.title, this.text, this.button];
    this.element = el("div", { class: "ds-grid-overlay", hidden: true, "data-testid": "datasete-pool-overlay" }, ...content);
  }

  /** @param {EmptyState | undefined} state hidden without one */
  update(state) {
    this.element.hidden = !state;
    this.element.dataset.kind = state?.kind ?? "";
    this.element.classList.toggle("ds-grid-translucent", Boolean(state?.isTranslucent));
    this.element.setAttribute("role", state && state.kind !== "empty" ? "alert" : "note");
    write(this.title, state?.title ?? "");
    write(this.text, state?.text ?? "");
    this.button.hidden = !state?.button;
    write(this.button, state?.button ?? "");
    this.click = state?.click;
  }
}

/**
 * @param {import("../pool/store.js").Pool} pool
 * @param {Context} context
 * @returns {EmptyState | undefined} undefined when there are pictures to show
 */
export function emptyStateOf(pool, context) {
  const { error, state } = pool;
  const text = error ? sentences(error) : "";
  if (state === "corrupt") return { kind: state, title: say("This pool cannot be read"), text, button: say("Rebuild it"), click: context.rebuild };
  if (state === "refused") {
    return { kind: state, title: say("This is not a pool"), text, button: say("Start a new one"), click: context.startNew };
  }
  if (state === "unreachable") {
    const isTranslucent = pool.shown.slots.length > 0;
    return { kind: state, title: say("The pool cannot be reached"), text, button: say("Try again"), click: context.retry, isTranslucent };
  }
  if (context.isMissingProfile) return missingProfile();
  if (state === "gone") return gone(context.startNew);
  return state === "loading" ? { kind: state, title: say("Loading…") } : withoutPictures(pool, context);
}

/**
 * @param {import("../pool/store.js").Pool} pool
 * @param {Context} context
 * @returns {EmptyState | undefined}
 */
function withoutPictures(pool, { query, found, clear, add }) {
  if (found) return undefined;
  if (query && pool.shown.slots.length) {
    return { kind: "nothing", title: say("No label contains this"), button: say("Show all"), click: clear };
  }
  return { kind: "empty", title: say("Drop pictures here"), text: say("or paste them, or"), button: say("Choose files…"), click: add };
}

/** @returns {EmptyState} */
function missingProfile() {
  const text = say("Import it with the Pool Profile node, or choose another one there. Until then, nothing can be added here.");
  return { kind: "missing", title: say("This profile is not on this machine"), text, isTranslucent: true };
}

/** @param {() => void} startNew @returns {EmptyState} */
function gone(startNew) {
  const text = say("It was deleted elsewhere, with its pictures.");
  return { kind: "gone", title: say("This pool is gone"), text, button: say("Start a new one"), click: startNew };
}
