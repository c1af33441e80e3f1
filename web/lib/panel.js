/** What our sidebar tabs have in common: how they are registered, and the parts that they are made of. */

import { app } from "./comfy.js";
import { el } from "./dom.js";
import { guarded } from "./guard.js";
import { useStyles } from "./styles.js";
import { searchField } from "./ui.js";

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
