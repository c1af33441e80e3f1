/** What our sidebar tabs have in common: how they are registered, and the parts that they are made of. */

import { app } from "./comfy.js";
import { el } from "./dom.js";
import { guarded } from "./guard.js";
import { useStyles } from "./styles.js";

/**
 * @typedef {object} Panel
 * @property {string} id of the sidebar tab
 * @property {string} title
 * @property {string} icon a class, such as `pi pi-images`
 * @property {string} [tooltip]
 * @property {(element: HTMLElement) => void} render fills an empty element, each time that the tab is opened
 * @property {() => void} [destroy] the tab was closed
 */

/**
 * Adds a sidebar tab. May be called when a module is loaded, or in an extension's `setup`.
 *
 * @param {Panel} panel
 */
export function registerPanel(panel) {
  useStyles(import.meta.url, "../panels.css");
  const add = guarded(`panel ${panel.id}`, () => app.extensionManager.registerSidebarTab(sidebarTab(panel)));
  if (app.extensionManager) add();
  else app.registerExtension({ name: `Datasete.Panel.${panel.id}`, setup: add });
}

/** @param {Panel} panel */
function sidebarTab({ id, title, icon, tooltip = title, render, destroy }) {
  /** @type {HTMLElement | null} */
  let shown = null;
  return {
    id,
    title,
    icon,
    tooltip,
    type: "custom",
    // The sidebar renders into the same element again whenever it draws itself.
    render: guarded(`panel ${id}`, (/** @type {HTMLElement} */ element) => {
      if (shown === element) return;
      shown = element;
      element.classList.add("ds-root", "ds-panel-panel");
      element.setAttribute("role", "region");
      element.setAttribute("aria-label", title);
      element.replaceChildren();
      render(element);
    }),
    destroy: guarded(`panel ${id}`, () => {
      shown = null;
      destroy?.();
    }),
  };
}

/**
 * The head of a panel: its title, quiet buttons at the right, and a search field below when `search` is given.
 *
 * @param {object} options
 * @param {string} options.title
 * @param {Node[]} [options.tools]
 * @param {{label: string, change: (text: string) => void}} [options.search]
 * @returns {{element: HTMLElement, title: HTMLElement, search: HTMLInputElement | null}}
 */
export function panelHead({ title, tools = [], search }) {
  const heading = el("h2", { class: "ds-panel-title" }, title);
  const field = search ? searchField(search.label, search.change) : null;
  const line = el("div", { class: "ds-panel-head-line" }, heading, el("div", { class: "ds-panel-tools" }, ...tools));
  const element = el("header", { class: "ds-panel-head" }, line, ...(field ? [field] : []));
  return { element, title: heading, search: field };
}

/**
 * @param {string} label
 * @param {(text: string) => void} change called with what is typed
 * @returns {HTMLInputElement}
 */
export function searchField(label, change) {
  const field = el("input", {
    class: "ds-field ds-panel-search",
    type: "search",
    placeholder: label,
    "aria-label": label,
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
 * @param {string} label
 * @param {(event: MouseEvent) => void} click
 * @returns {HTMLButtonElement}
 */
export function iconButton(icon, label, click) {
  const picture = el("i", { class: icon, "aria-hidden": "true" });
  return el("button", { class: "ds-button ds-quiet ds-panel-icon", type: "button", title: label, "aria-label": label, click }, picture);
}

/**
 * @param {string} label
 * @param {(event: MouseEvent) => void} click
 * @param {"" | "main"} [kind]
 * @returns {HTMLButtonElement}
 */
export function button(label, click, kind = "") {
  return el("button", { class: `ds-button${kind && ` ds-${kind}`}`, type: "button", click }, label);
}

/**
 * What a panel shows when there is nothing in it yet.
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
 * What a panel shows when the server or the store did not answer: what happened, what to do, and a button to try again.
 *
 * @param {{message: string, hint?: string}} error
 * @param {() => void} retry
 * @returns {HTMLElement}
 */
export function errorState({ message, hint = "" }, retry) {
  const state = emptyState({ icon: "pi pi-exclamation-triangle", title: message, text: hint, action: button("Retry", retry) });
  state.classList.add("ds-panel-error");
  state.setAttribute("role", "alert");
  return state;
}
