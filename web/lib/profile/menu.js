/** A small menu beside a button. It is in the top layer of the page, so that neither canvas nor node cuts it off. */

import { el } from "../dom.js";
import { guarded } from "../guard.js";

const GAP = 4;

/**
 * @param {HTMLElement} anchor
 * @param {string} name its accessible name
 * @param {{label: string, run: () => void}[]} entries
 */
export function openMenu(anchor, name, entries) {
  const close = () => menu.hidePopover();
  const buttons = entries.map(({ label, run }) => {
    const click = guarded("menu", () => {
      close();
      run();
    });
    return el("button", { type: "button", role: "menuitem", click }, label);
  });
  const menu = el("div", { class: "ds-profile-menu ds-root", role: "menu", "aria-label": name, popover: "auto" }, ...buttons);
  menu.addEventListener("keydown", (event) => moveFocus(event, buttons));
  menu.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    menu.remove();
    anchor.setAttribute("aria-expanded", "false");
    anchor.focus({ preventScroll: true });
  });
  document.body.append(menu);
  menu.showPopover();
  place(menu, anchor);
  anchor.setAttribute("aria-expanded", "true");
  buttons[0]?.focus();
}

/** @param {HTMLElement} menu @param {HTMLElement} anchor */
function place(menu, anchor) {
  const { left, right, top, bottom } = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = bottom + GAP + height <= innerHeight;
  const x = left + width + GAP <= innerWidth ? left : right - width;
  menu.style.left = `${Math.max(GAP, Math.min(x, innerWidth - width - GAP))}px`;
  menu.style.top = `${Math.max(GAP, below ? bottom + GAP : top - height - GAP)}px`;
}

/** @param {KeyboardEvent} event @param {HTMLElement[]} buttons */
function moveFocus(event, buttons) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  event.stopPropagation(); // the canvas has shortcuts of its own
  if (!step) return;
  event.preventDefault();
  const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  buttons[(at + step + buttons.length) % buttons.length].focus();
}
