/** A menu at the pointer, or at an element. It is in the top layer of the page, so that neither canvas nor node cuts it off. */

import { el } from "../dom.js";
import { guarded } from "../guard.js";

const GAP = 4;

/** @typedef {{label: string, run: () => unknown, isOff?: boolean}} Entry `isOff` when it can do nothing now */

/**
 * @param {{x: number, y: number}} point in CSS pixels of the window
 * @param {string} name its accessible name
 * @param {Entry[]} entries
 */
export function openMenuAt(point, name, entries) {
  const before = document.activeElement;
  const buttons = entries.map(({ label, run, isOff = false }) => {
    const click = guarded("menu", () => {
      menu.hidePopover();
      return run();
    });
    return el("button", { type: "button", role: "menuitem", class: "ds-button ds-quiet", disabled: isOff, click }, label);
  });
  const menu = el("div", { class: "ds-viewer-menu ds-root", role: "menu", "aria-label": name, popover: "auto" }, ...buttons);
  menu.addEventListener("keydown", (event) => moveFocus(event, buttons));
  menu.addEventListener("contextmenu", (event) => event.preventDefault());
  menu.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    menu.remove();
    if (before instanceof HTMLElement && before.isConnected && !document.querySelector("dialog[open]")) {
      before.focus({ preventScroll: true });
    }
  });
  document.body.append(menu);
  menu.showPopover();
  const { width, height } = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(GAP, Math.min(point.x, innerWidth - width - GAP))}px`;
  menu.style.top = `${Math.max(GAP, Math.min(point.y, innerHeight - height - GAP))}px`;
  buttons.find((one) => !one.disabled)?.focus();
}

/**
 * @param {MouseEvent} event that opens a menu; the menu key and Shift+F10 send one without a place
 * @param {Element} element that it is about
 * @returns {{x: number, y: number}}
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
