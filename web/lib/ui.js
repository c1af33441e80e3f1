/** What our pages are made of in many places: buttons, fields, what stands in for a list, and how an error is shown. */

import { ServerError } from "./client.js";
import { toast } from "./comfy.js";
import { el } from "./dom.js";
import { say } from "./say.js";

/**
 * @param {string} label in English, translated here
 * @param {(event: MouseEvent) => void} click
 * @param {{kind?: "" | "main" | "quiet" | "danger", [property: string]: any}} [more] how much it stands out, and properties
 *   such as a title, or further classes
 * @returns {HTMLButtonElement}
 */
export function button(label, click, { kind = "", class: names = "", ...more } = {}) {
  const classes = ["ds-button", kind && `ds-${kind}`, names].filter(Boolean).join(" ");
  return el("button", { type: "button", class: classes, click, ...more }, say(label));
}

/**
 * @param {string} label in English, translated here
 * @param {(text: string) => void} change called with what is typed
 * @returns {HTMLInputElement}
 */
export function searchField(label, change) {
  const field = el("input", {
    class: "ds-field ds-panel-search",
    type: "search",
    placeholder: say(label),
    "aria-label": say(label),
    spellcheck: false,
    autocomplete: "off",
    input: () => change(field.value),
    keydown: (/** @type {KeyboardEvent} */ event) => event.stopPropagation(),
  });
  return field;
}

/**
 * A quiet button with an icon, and a name for those who do not see it.
 *
 * @param {string} icon a class, such as `pi pi-refresh`
 * @param {string} label in English, translated here
 * @param {(event: MouseEvent) => void} click
 * @returns {HTMLButtonElement}
 */
export function iconButton(icon, label, click) {
  const picture = el("i", { class: icon, "aria-hidden": "true" });
  return el("button", { type: "button", class: "ds-button ds-quiet ds-panel-icon", title: say(label), "aria-label": say(label), click }, picture);
}

/**
 * What a panel shows while there is nothing in it.
 *
 * @param {{icon: string, title: string, text: string, action?: Node}} options
 * @returns {HTMLElement}
 */
export function emptyState({ icon, title, text, action }) {
  return el(
    "div",
    { class: "ds-panel-state" },
    el("i", { class: `${icon} ds-panel-state-icon`, "aria-hidden": "true" }),
    el("p", { class: "ds-panel-state-title" }, title),
    el("p", { class: "ds-panel-state-text" }, text),
    ...(action ? [action] : []),
  );
}

/**
 * What a panel shows when it could not be filled: what happened, what to do, and a button to try again.
 *
 * @param {Failure} error
 * @param {() => void} retry
 * @returns {HTMLElement}
 */
export function errorState({ message, hint = "" }, retry) {
  const state = emptyState({ icon: "pi pi-exclamation-triangle", title: message, text: hint, action: button("Retry", retry) });
  state.classList.add("ds-panel-error");
  state.setAttribute("role", "alert");
  return state;
}

/** @typedef {{message: string, hint?: string}} Failure what the server, or this page, says about something that failed */

/** @param {Failure} error @returns {string} what happened, what is unharmed and what to do, in one piece */
export const sentences = ({ message, hint }) => [message, hint].filter(Boolean).join(" ");

const OVERTAKEN = [404, 409]; // somebody else was faster: a warning, not an error

/**
 * Tells of an action that the server refused. Any other error is a fault of this page, and thrown on.
 *
 * @param {unknown} error
 * @param {string} [summary] what did not work, where the server's words alone do not say it
 */
export function showError(error, summary = "") {
  if (!(error instanceof ServerError)) throw error;
  const severity = OVERTAKEN.includes(error.status) ? "warn" : "error";
  if (summary) toast(severity, summary, sentences(error));
  else toast(severity, error.message, error.hint);
}
