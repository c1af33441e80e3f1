/**
 * The gate's keys: 1..9 and 0 (in the top row or on the number pad, on every layout) choose a route, Esc stops the run, the
 * arrows go through the frames.
 *
 * They act on the gate that has the focus or is selected, or on the only one that is waiting, as the setting says; never on
 * one that is not in sight, never while somebody types, and never while a dialog or a menu is open.
 */

import { app } from "../comfy.js";
import { selectedNodes } from "../graph.js";
import { guarded } from "../guard.js";
import { digitOf } from "../keyboard.js";
import { answer } from "./answers.js";
import { CANCEL } from "./client.js";
import { keysAct } from "./key_setting.js";
import { gates } from "./store.js";
import { frameByKey, gateOfElement, isInSight } from "./widget.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

// `data-own-keys` marks elements with keys of their own, such as a grid of pictures.
const TYPING = "input, textarea, select, [contenteditable]:not([contenteditable='false']), [role='textbox'], [data-own-keys]";
const IN_FRONT = [
  "[role='dialog']",
  "[role='alertdialog']",
  "[role='menu']",
  "[role='listbox']:not(.ds-gate-thumbs)",
  "dialog[open]",
  ".p-dialog",
  ".litecontextmenu",
  ".litegraph.dialog",
  ".graphdialog",
].join(", ");

/** @param {Window} target */
export function listenForKeys(target) {
  target.addEventListener("keydown", guarded("keys", onKey), { capture: true });
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const message = messageOf(event);
  if (message === undefined) return stepFrame(event);
  const gate = keysAct() === "off" ? undefined : gateFor(event, message);
  if (!gate || !isInSight(gate) || (message !== CANCEL && (message > gate.routes || gate.trouble))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  answer(gate, message, "keys");
}

/** @param {KeyboardEvent} event of an arrow; with nothing selected, the canvas has no use for it */
function stepFrame(event) {
  const target = event.composedPath()[0];
  if (!/^Arrow(Left|Right)$/.test(event.key) || !(target instanceof Element)) return;
  if (target.closest(TYPING) || gateOfElement(target) || isSomethingInFront() || selectedNodes().length) return;
  const gate = onlyGate();
  if (gate && isInSight(gate)) frameByKey(gate, event);
}

/**
 * @param {KeyboardEvent} event
 * @returns {number | typeof CANCEL | undefined} what the key means to a gate
 */
function messageOf(event) {
  if (event.repeat || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return undefined;
  if (event.key === "Escape") return event.shiftKey ? undefined : CANCEL;
  const digit = digitOf(event);
  return digit === 0 ? 10 : digit;
}

/**
 * @param {KeyboardEvent} event
 * @param {number | typeof CANCEL} message
 * @returns {Gate | undefined}
 */
function gateFor(event, message) {
  const target = event.composedPath()[0];
  if (target instanceof Element) {
    if (target.closest(`${TYPING}, .ds-panel-panel`)) return undefined; // panels have keys of their own
    if (message === CANCEL && target.closest("dialog[open]")) return undefined; // Esc closes the full-size view
    const focused = gateOfElement(target);
    if (focused) return focused;
  }
  if (isSomethingInFront()) return undefined;
  const selected = selectedNodes();
  if (selected.length === 1 && gates.at(selected[0]).length) return gates.at(selected[0])[0];
  return onlyGate();
}

/** @returns {boolean} whether the key may be meant for an open dialog or menu, or for a link that is being drawn */
function isSomethingInFront() {
  if (app.canvas?.linkConnector?.isConnecting) return true;
  return [...document.querySelectorAll(IN_FRONT)].some((element) => element.getClientRects().length > 0);
}

/** @returns {Gate | undefined} the waiting gate, when it is the only one, unless it must be selected */
function onlyGate() {
  const [gate, ...others] = gates.all().filter(({ shown }) => shown !== false);
  return keysAct() === "always" && gate && !others.length ? gate : undefined;
}
