/** Keys of a grid that has the focus. None of them reaches the canvas, where Delete would remove the node. */

import { activateCursor, editLabel, paint, removeSelected, shift, undo } from "./edits.js";

/** @typedef {import("./desk.js").GridDesk} GridDesk */

/** @type {Record<string, (desk: GridDesk, event: KeyboardEvent) => void>} */
const PLAIN = {
  Enter: (desk) => activateCursor(desk),
  " ": (desk) => desk.toggleCursor(),
  Delete: (desk) => removeSelected(desk),
  Backspace: (desk) => removeSelected(desk),
  F2: (desk) => editLabel(desk),
  m: (desk) => paint(desk),
  "/": (desk) => desk.view.search.focus(),
  Escape: (desk) => desk.escape(),
};

/** @type {Record<string, (desk: GridDesk) => void>} */
const WITH_CONTROL = {
  a: (desk) => desk.selectAll(),
  z: (desk) => undo(desk),
  f: (desk) => desk.view.search.focus(),
};

/** What people do with the workflow as a whole stays possible. */
const FOR_THE_WORKFLOW = new Set(["s", "o", "Enter"]);

/** @param {GridDesk} desk @param {KeyboardEvent} event that was pressed while somebody searches */
function leaveSearch(desk, event) {
  if (event.key === "Escape") desk.clearSearch();
  else if (event.key === "Enter" || event.key === "ArrowDown") desk.view.viewport.focus({ preventScroll: true });
  else return;
  event.preventDefault();
}

/** @param {GridDesk} desk @param {KeyboardEvent} event */
export function onGridKey(desk, event) {
  const isControl = event.ctrlKey || event.metaKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (isControl && FOR_THE_WORKFLOW.has(key)) return;
  event.stopPropagation();
  desk.view.element.classList.add("dpg-keys"); // from here on it shows where the keyboard is
  if (event.isComposing) return;
  if (event.target === desk.view.search) return leaveSearch(desk, event);
  if (event.target !== desk.view.viewport) return;
  const act = actionOf(desk, event, key, isControl);
  if (!act) return;
  event.preventDefault();
  act();
}

/**
 * @param {GridDesk} desk
 * @param {KeyboardEvent} event
 * @param {string} key
 * @param {boolean} isControl
 * @returns {(() => void) | undefined}
 */
function actionOf(desk, event, key, isControl) {
  const step = desk.stepOf(key);
  if (step !== undefined) {
    if (event.altKey) return () => shift(desk, step);
    return () => desk.moveCursor(step, { extend: event.shiftKey, only: !isControl });
  }
  if (event.altKey) return undefined;
  const plain = isControl ? undefined : PLAIN[key];
  if (plain) return () => plain(desk, event);
  const controlled = isControl && !event.shiftKey ? WITH_CONTROL[key] : undefined;
  return controlled && (() => controlled(desk));
}
