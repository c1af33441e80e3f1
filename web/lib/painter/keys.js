/** The painter's keys. While it is open, no key reaches anything behind it. */

import { digitOf, keyOf } from "../keyboard.js";

/** @typedef {(event: KeyboardEvent) => void} Listener */

/** @type {{down: Listener, up: Listener} | null} of the open painter */
let listening = null;
let isCatching = false;

/**
 * Listens for keys on behalf of any painter that is open. It is called early, because listeners of the window are called in
 * the order in which they were added: another one would otherwise hear a key first.
 */
export function catchKeys() {
  if (isCatching) return;
  isCatching = true;
  window.addEventListener("keydown", (event) => listening?.down(event), { capture: true });
  window.addEventListener("keyup", (event) => listening?.up(event), { capture: true });
  window.addEventListener("keypress", (event) => listening && event.stopImmediatePropagation(), { capture: true });
}

/** @type {Record<string, string>} */
const PLAIN = {
  b: "brush",
  e: "eraser",
  "[": "smaller",
  "]": "larger",
  "{": "softer",
  "}": "harder",
  i: "invert",
  f: "fill",
  x: "clear",
  delete: "clear",
  "+": "closer",
  "=": "closer",
  "-": "farther",
  "−": "farther",
  _: "farther",
  0: "fit",
  enter: "save",
  escape: "cancel",
};

/** @type {Record<string, string>} */
const WITH_CONTROL = { z: "undo", "shift+z": "redo", y: "redo", s: "save" };

/** @type {Record<string, string>} keys that the focused element handles by itself */
const NATIVE = { Enter: "button", " ": "button, input[type='checkbox']" };

/**
 * @param {KeyboardEvent} event
 * @returns {string | undefined} what the key stands for
 */
function actOf(event) {
  const key = keyOf(event);
  const isAltGr = event.getModifierState("AltGraph") || (event.ctrlKey && event.altKey);
  if ((event.ctrlKey || event.metaKey) && !isAltGr) return WITH_CONTROL[event.shiftKey ? `shift+${key}` : key];
  if (event.altKey && !isAltGr) return undefined;
  return PLAIN[key] ?? (digitOf(event) === 0 ? "fit" : undefined);
}

/**
 * Handles keys until `signal` is aborted.
 *
 * @param {HTMLElement} dialog
 * @param {Record<string, () => void>} acts what the keys do, by name
 * @param {(isHeld: boolean) => void} holdSpace
 * @param {AbortSignal} signal
 */
export function listenToKeys(dialog, acts, holdSpace, signal) {
  const mine = {
    /** @param {KeyboardEvent} event */
    down(event) {
      event.stopImmediatePropagation();
      if (event.isComposing) return;
      if (event.key === "Tab") return keepInside(dialog, event);
      if (event.key in NATIVE && event.target instanceof Element && event.target.matches(NATIVE[event.key])) return undefined;
      if (event.key === " ") return hold(event, true);
      return act(event);
    },
    /** @param {KeyboardEvent} event */
    up(event) {
      event.stopImmediatePropagation();
      if (event.key === " ") holdSpace(false);
    },
  };

  /** @param {KeyboardEvent} event @param {boolean} isHeld */
  function hold(event, isHeld) {
    event.preventDefault();
    if (!event.repeat) holdSpace(isHeld);
  }

  /** @param {KeyboardEvent} event */
  function act(event) {
    const name = actOf(event);
    if (!name) return;
    event.preventDefault();
    if (!event.repeat || isRepeatable(name)) acts[name]();
  }

  listening = mine;
  signal.addEventListener("abort", () => {
    if (listening === mine) listening = null;
  });
  window.addEventListener("blur", () => holdSpace(false), { signal });
}

/** @param {string} name */
function isRepeatable(name) {
  return ["smaller", "larger", "softer", "harder", "undo", "redo", "closer", "farther"].includes(name);
}

/** @param {HTMLElement} dialog @param {KeyboardEvent} event of Tab, which cycles within the dialog */
function keepInside(dialog, event) {
  const all = [...dialog.querySelectorAll("button:enabled, input:enabled, [tabindex='0']")].filter(
    (element) => element.getClientRects().length > 0,
  );
  const index = all.indexOf(/** @type {Element} */ (document.activeElement));
  const next = all[(index + (event.shiftKey ? -1 : 1) + all.length) % all.length];
  event.preventDefault();
  /** @type {HTMLElement | undefined} */ (next)?.focus();
}
