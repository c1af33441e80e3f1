/**
 * After an answer, what lies under the pointer is inert for a second: the button that was pressed may be gone, together with
 * the view that it was in, and a click too many would press something else, such as Run.
 */

const CALM_MS = 1000;
const REACH_PIXELS = 24; // how far a hand moves between the clicks of one press
const NEXT_ANSWER = ":is(.ds-gate-open, .ds-gate-viewer) .ds-gate-route"; // has a guard of its own, see answers.js

let press = { x: 0, y: 0 };
let until = -Infinity;
let isListening = false;

/** Starts to follow the pointer. */
export function followPointer() {
  if (isListening) return;
  isListening = true;
  for (const name of /** @type {const} */ (["pointerdown", "mousedown", "click", "dblclick"])) {
    window.addEventListener(name, guard, { capture: true });
  }
}

/** Makes what lies under the pointer inert, because an answer was taken. */
export function calmDown() {
  until = performance.now() + CALM_MS;
}

/** @param {MouseEvent} event */
function guard(event) {
  const isByPointer = event.type !== "click" || event.detail > 0; // keys and scripts click as well
  if (!isByPointer) return;
  if (performance.now() < until && isNear(event) && !isNextAnswer(event)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else if (event.type === "pointerdown") press = { x: event.clientX, y: event.clientY };
}

/** @param {MouseEvent} event */
const isNear = ({ clientX, clientY }) => Math.hypot(clientX - press.x, clientY - press.y) < REACH_PIXELS;

/** @param {MouseEvent} event */
function isNextAnswer(event) {
  const target = event.composedPath()[0];
  return target instanceof Element && target.closest(NEXT_ANSWER) !== null;
}
