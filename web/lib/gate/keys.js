/**
 * Keys: 1..9 and 0 choose a route, Esc stops the run, arrows go through the frames. They act for the gate that is selected or has the focus, or for the
 * only one that waits; never while somebody types, and never past an open dialog or menu.
 */

import { CANCEL } from "./client.js";
import { app, nodeOf, selectedNodes } from "../comfy.js";
import { answer, frameByKey, gateOfElement } from "./widget.js";
import { gates } from "./store.js";
import { guarded } from "../guard.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

// `data-own-keys`: what has keys of its own, such as a grid of pictures
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
  const gate = gateFor(event, message);
  if (!gate || (message !== CANCEL && (message > gate.routes || gate.trouble))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  answer(gate, message, "keys");
}

/** @param {KeyboardEvent} event with nothing selected, arrows would do nothing on the canvas */
function stepFrame(event) {
  const target = event.composedPath()[0];
  if (!/^Arrow(Left|Right)$/.test(event.key) || !(target instanceof Element)) return;
  if (target.closest(TYPING) || gateOfElement(target) || isSomethingInFront() || selectedNodes().length) return;
  const gate = onlyGate();
  if (gate) frameByKey(gate, event);
}

/**
 * @param {KeyboardEvent} event
 * @returns {number | typeof CANCEL | undefined} what the key means to a gate
 */
export function messageOf(event) {
  if (event.repeat || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return undefined;
  if (event.key === "Escape") return CANCEL;
  return /^\d$/.test(event.key) ? Number(event.key) || 10 : undefined;
}

/**
 * @param {KeyboardEvent} event
 * @param {number | typeof CANCEL} message
 * @returns {Gate | undefined}
 */
function gateFor(event, message) {
  const target = event.composedPath()[0];
  if (target instanceof Element) {
    if (target.closest(`${TYPING}, .ds-panel-panel`)) return undefined; // a panel has keys of its own
    if (message === CANCEL && target.closest("dialog[open]")) return undefined; // it closes the full-size view
    const focused = gateOfElement(target);
    if (focused) return focused;
  }
  if (isSomethingInFront()) return undefined;
  const selected = selectedNodes();
  if (selected.length === 1 && gates.at(selected[0]).length) return gates.at(selected[0])[0];
  return onlyGate();
}

/** @returns {boolean} whether a dialog or a menu is open, or a link is being drawn, that a key may be meant for */
function isSomethingInFront() {
  if (app.canvas?.linkConnector?.isConnecting) return true;
  return [...document.querySelectorAll(IN_FRONT)].some((element) => element.getClientRects().length > 0);
}

/** @returns {Gate | undefined} the one that waits, when it is the only one and on the canvas now */
function onlyGate() {
  const [gate, ...others] = gates.all().filter(({ shown }) => shown !== false);
  const node = gate && !others.length ? nodeOf(gate.id) : null;
  return node && gates.at(node).includes(gate) && node.graph === app.canvas?.graph ? gate : undefined;
}
