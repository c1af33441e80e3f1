/** The keys of a grid that has the focus. None of them reaches the canvas, where Delete would remove the node. */

import { keyOf } from "../keyboard.js";
import { activateCursor, editLabel, paint, removeSelected, shift, undo } from "./edits.js";
import { openLarge } from "./menu.js";

/** @typedef {import("./controller.js").GridController} GridController */

/** @type {Record<string, (grid: GridController, event: KeyboardEvent) => void>} */
const PLAIN = {
  Enter: (grid) => activateCursor(grid),
  " ": (grid) => grid.toggleCursor(),
  Delete: (grid) => removeSelected(grid),
  Backspace: (grid) => removeSelected(grid),
  F2: (grid) => editLabel(grid),
  m: (grid) => paint(grid),
  v: (grid) => openLarge(grid),
  "/": (grid) => grid.view.search.focus(),
  Escape: (grid) => grid.escape(),
};

/** @type {Record<string, (grid: GridController) => void>} */
const WITH_CONTROL = {
  a: (grid) => grid.selectAll(),
  z: (grid) => undo(grid),
  f: (grid) => grid.view.search.focus(),
};

/** With Control, these act on the workflow as a whole and are left to ComfyUI. */
const FOR_THE_WORKFLOW = new Set(["s", "o", "Enter"]);

/** @param {GridController} grid @param {KeyboardEvent} event in the search field */
function leaveSearch(grid, event) {
  if (event.key === "Escape") grid.clearSearch();
  else if (event.key === "Enter" || event.key === "ArrowDown") grid.view.viewport.focus({ preventScroll: true });
  else return;
  event.preventDefault();
}

/** @param {GridController} grid @param {KeyboardEvent} event */
export function onGridKey(grid, event) {
  const isControl = event.ctrlKey || event.metaKey;
  const key = event.key.length === 1 ? keyOf(event) : event.key;
  if (isControl && FOR_THE_WORKFLOW.has(key)) return;
  event.stopPropagation();
  grid.view.element.classList.add("ds-grid-keys"); // shows the cursor from now on
  if (event.isComposing) return;
  if (event.target === grid.view.search) return leaveSearch(grid, event);
  if (event.target !== grid.view.viewport) return;
  const act = actionOf(grid, event, key, isControl);
  if (!act) return;
  event.preventDefault();
  act();
}

/**
 * @param {GridController} grid
 * @param {KeyboardEvent} event
 * @param {string} key
 * @param {boolean} isControl
 * @returns {(() => void) | undefined}
 */
function actionOf(grid, event, key, isControl) {
  const step = grid.stepOf(key);
  if (step !== undefined) {
    if (event.altKey) return () => shift(grid, step);
    return () => grid.moveCursor(step, { extend: event.shiftKey, only: !isControl });
  }
  if (event.altKey) return undefined;
  const plain = isControl ? undefined : PLAIN[key];
  if (plain) return () => plain(grid, event);
  const controlled = isControl && !event.shiftKey ? WITH_CONTROL[key] : undefined;
  return controlled && (() => controlled(grid));
}
