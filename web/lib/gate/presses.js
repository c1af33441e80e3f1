/** Presses that are meant: the second of a double press would fall on a picture that came up in between, unseen. */

const APART = 300; // milliseconds; nobody looks at a picture and decides in less

/** @type {{source: unknown, message: unknown, time: number}} the one that counted last */
let last = { source: undefined, message: undefined, time: -Infinity };

/**
 * @param {unknown} source what was pressed: a node for its buttons, or the keys
 * @param {unknown} message what it says
 * @returns {boolean} whether this is the second press of a double press
 */
export function isSecondPress(source, message) {
  const time = performance.now();
  if (source === last.source && message === last.message && time - last.time < APART) return true;
  last = { source, message, time };
  return false;
}
