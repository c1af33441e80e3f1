/** Small menus, at a place or beside a button. They are in the top layer of the page, so that neither canvas nor node cuts them off. */

import { el } from "./dom.js";
import { guarded } from "./guard.js";

const GAP = 4;

/** @typedef {{label: string, run: () => unknown, isOff?: boolean}} Entry `isOff` when it can do nothing now */
/** @typedef {{width: number, height: number}} Size of the menu, in CSS pixels */
/** @typedef {{x: number, y: number}} Point in CSS pixels of the window */

/**
 * @param {Point} point
 * @param {string} name its accessible name
 * @param {Entry[]} entries
 */
export function openMenuAt(point, name, entries) {
  const before = document.activeElement;
  const closed = () => {
    if (before instanceof HTMLElement && before.isConnected && !document.querySelector("dialog[open]")) {
      before.focus({ preventScroll: true });
    }
  };
  const looks = { menu: "ds-viewer-menu", entry: "ds-button ds-quiet" };
  const menu = openMenu({ name, entries, looks, place: () => point, closed });
  menu.addEventListener("contextmenu", (event) => event.preventDefault());
}

/**
 * @param {HTMLElement} anchor a button
 * @param {string} name its accessible name
 * @param {Entry[]} entries
 */
export function openMenuBeside(anchor, name, entries) {
  const closed = () => {
    anchor.setAttribute("aria-expanded", "false");
    anchor.focus({ preventScroll: true });
  };
  const looks = { menu: "ds-profile-menu", entry: "" };
  openMenu({ name, entries, looks, place: (size) => beside(anchor, size), closed });
  anchor.setAttribute("aria-expanded", "true");
}

/**
 * @param {object} options
 * @param {string} options.name
 * @param {Entry[]} options.entries
 * @param {{menu: string, entry: string}} options.looks classes
 * @param {(size: Size) => Point} options.place where it would like to be
 * @param {() => void} options.closed
 * @returns {HTMLElement}
 */
function openMenu({ name, entries, looks, place, closed }) {
  const buttons = entries.map(({ label, run, isOff = false }) => {
    const click = guarded("menu", () => {
      menu.hidePopover();
      return run();
    });
    return el("button", { type: "button", role: "menuitem", class: looks.entry, disabled: isOff, click }, label);
  });
  const menu = el("div", { class: `${looks.menu} ds-root`, role: "menu", "aria-label": name, popover: "auto" }, ...buttons);
  menu.addEventListener("keydown", (event) => moveFocus(event, buttons));
  menu.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    menu.remove();
    closed();
  });
  document.body.append(menu);
  menu.showPopover();
  const { width, height } = menu.getBoundingClientRect();
  const { x, y } = place({ width, height });
  menu.style.left = `${Math.max(GAP, Math.min(x, innerWidth - width - GAP))}px`;
  menu.style.top = `${Math.max(GAP, Math.min(y, innerHeight - height - GAP))}px`;
  buttons.find((one) => !one.disabled)?.focus();
  return menu;
}

/** @param {HTMLElement} anchor @param {Size} size @returns {Point} below it where there is room, else above */
function beside(anchor, { width, height }) {
  const { left, right, top, bottom } = anchor.getBoundingClientRect();
  const hasRoom = bottom + GAP + height <= innerHeight;
  const x = left + width + GAP <= innerWidth ? left : right - width;
  return { x, y: hasRoom ? bottom + GAP : top - height - GAP };
}

/**
 * @param {MouseEvent} event that opens a menu; the menu key and Shift+F10 send one without a place
 * @param {Element} element that it is about
 * @returns {Point}
 */
export function placeOf(event, element) {
  if (event.clientX || event.clientY) return { x: event.clientX, y: event.clientY };
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}

/** @param {KeyboardEvent} event @param {HTMLButtonElement[]} buttons */
function moveFocus(event, buttons) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  event.stopPropagation(); // the canvas has shortcuts of its own
  if (!step) return;
  event.preventDefault();
  const usable = buttons.filter((one) => !one.disabled);
  const at = usable.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  usable[(at + step + usable.length) % usable.length]?.focus();
}
