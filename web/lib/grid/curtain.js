/** What stands in the place of pictures: an invitation, or what went wrong and what to do. */

import { el, write } from "../dom.js";

/**
 * @typedef {object} Sight what there is to say
 * @property {string} kind
 * @property {string} title
 * @property {string} [text]
 * @property {string} [button]
 * @property {() => void} [click]
 * @property {boolean} [over] whether pictures stay in sight behind it
 */

export class Curtain {
  constructor() {
    this.title = el("div", { class: "dpg-curtain-title" });
    this.text = el("div", { class: "dpg-curtain-text" });
    /** @type {(() => void) | undefined} */
    this.click = undefined;
    this.button = el("button", { type: "button", class: "ds-button", click: () => this.click?.() });
    const content = [this.title, this.text, this.button];
    this.element = el("div", { class: "dpg-curtain", hidden: true, "data-testid": "datasete-pool-curtain" }, ...content);
  }

  /** @param {Sight | undefined} sight */
  update(sight) {
    this.element.hidden = !sight;
    this.element.dataset.kind = sight?.kind ?? "";
    this.element.classList.toggle("dpg-over", Boolean(sight?.over));
    this.element.setAttribute("role", sight && sight.kind !== "empty" ? "alert" : "note");
    write(this.title, sight?.title ?? "");
    write(this.text, sight?.text ?? "");
    this.button.hidden = !sight?.button;
    write(this.button, sight?.button ?? "");
    this.click = sight?.click;
  }
}

/**
 * @param {import("../pool/model.js").Pool} pool
 * @param {{isMissingProfile: boolean, query: string, found: number, fresh: () => void, clear: () => void,
 *   retry: () => void, rebuild: () => void, add: () => void}} here
 * @returns {Sight | undefined} nothing when pictures are to be seen
 */
export function sightOf(pool, here) {
  const { trouble, state } = pool;
  const text = [trouble?.message, trouble?.hint].filter(Boolean).join(" ");
  if (state === "corrupt") return { kind: state, title: "This pool cannot be read", text, button: "Rebuild it", click: here.rebuild };
  if (state === "refused") return { kind: state, title: "This is no pool", text, button: "Start a new one", click: here.fresh };
  if (state === "unreachable") {
    const over = pool.shown.slots.length > 0;
    return { kind: state, title: "The pool cannot be reached", text, button: "Try again", click: here.retry, over };
  }
  if (here.isMissingProfile) return missing();
  if (state === "gone") return gone(here.fresh);
  return state === "loading" ? { kind: state, title: "Reading…" } : unfilled(pool, here);
}

/**
 * @param {import("../pool/model.js").Pool} pool
 * @param {{query: string, found: number, clear: () => void, add: () => void}} here
 * @returns {Sight | undefined}
 */
function unfilled(pool, { query, found, clear, add }) {
  if (found) return undefined;
  if (query && pool.shown.slots.length) {
    return { kind: "nothing", title: "No label contains this", button: "Show all", click: clear };
  }
  return { kind: "empty", title: "Drop pictures here", text: "or paste them, or", button: "Choose files…", click: add };
}

/** @returns {Sight} */
function missing() {
  const text = "Import it with the Pool Profile node, or choose another one there. Nothing can be added here meanwhile.";
  return { kind: "missing", title: "This profile is not on this machine", text, over: true };
}

/** @param {() => void} fresh @returns {Sight} */
function gone(fresh) {
  const text = "It was deleted elsewhere, with its pictures.";
  return { kind: "gone", title: "This pool is gone", text, button: "Start a new one", click: fresh };
}
