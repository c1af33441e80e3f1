/**
 * After an answer, what lies under the pointer is inert for a second: the button that was pressed may be gone, together with
 * the view that it was in, and a click too many would press something else, such as Run.
 */

const CALM_MS = 1000;
const REACH_PIXELS = 24; // how far a hand moves between the clicks of one press
const NEXT_ANSWER = ":is(.ds-gate-open, .ds-gate-viewer) :is(.ds-gate-route, .ds-gate-trouble button)"; // see answers.js

const SAME_MS = 100; // between a click and what it does

let press = { x: 0, y: 0, time: -Infinity };
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

/**
 * Call this when somebody answers.
 *
 * @returns {() => void} call this when the answer was taken: it makes what lies under the pointer inert, if it was a click
 */
export function beforeAnswer() {
  const isClick = performance.now() - press.time < SAME_MS;
  return () => {
    if (isClick) until = performance.now() + CALM_MS;
  };
}

/** @param {MouseEvent} event */
function guard(event) {
  const isByPointer = event.type !== "click" || event.detail > 0; // keys and scripts click as well
  if (!isByPointer) return;
  const now = performance.now();
  if (now < until && isNear(event) && !isNextAnswer(event)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else if (event.type === "click") press = { x: event.clientX, y: event.clientY, time: now };
}

/** @param {MouseEvent} event */
const isNear = ({ clientX, clientY }) => Math.hypot(clientX - press.x, clientY - press.y) < REACH_PIXELS;

/** @param {MouseEvent} event */
function isNextAnswer(event) {
  const target = event.composedPath()[0];
  return target instanceof Element && target.closest(NEXT_ANSWER) !== null;
}
