/** What our sidebar tabs have in common: how they are registered and opened, and their heads. */

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
 * @property {(element: HTMLElement) => {destroy(): void}} open makes the view in an empty element; it is destroyed when the tab
 *   is closed
 */

/**
 * Adds a sidebar tab. Called in an extension's `setup`.
 *
 * @param {Panel} panel
 */
export function registerPanel(panel) {
  useStyles(import.meta.url, "../panels.css");
  app.extensionManager.registerSidebarTab(sidebarTab(panel));
}

/** @param {string} id of the sidebar tab */
export function openTab(id) {
  app.extensionManager.sidebarTab.activeSidebarTabId = id;
}

/**
 * @param {string} id of the sidebar tab
 * @param {string} text beside its icon; "" for none
 */
export function setBadge(id, text) {
  const tab = app.extensionManager.sidebarTab.sidebarTabs?.find((each) => each.id === id);
  if (tab) tab.iconBadge = text;
}

/** @param {Panel} panel */
function sidebarTab({ id, title, icon, tooltip = title, open }) {
  /** @type {HTMLElement | null} */
  let shown = null;
  /** @type {{destroy(): void} | null} */
  let view = null;
  const close = () => {
    view?.destroy();
    view = shown = null;
  };
  return {
    id,
    title,
    icon,
    tooltip,
    type: "custom",
    // The sidebar renders into the same element again whenever it draws itself.
    render: guarded(`panel ${id}`, (/** @type {HTMLElement} */ element) => {
      if (shown === element) return;
      close();
      shown = element;
      element.classList.add("ds-root", "ds-panel-panel");
      element.setAttribute("role", "region");
      element.setAttribute("aria-label", title);
      element.replaceChildren();
      view = open(element);
    }),
    destroy: guarded(`panel ${id}`, close),
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
