/** Presses that are meant: the second of a double press would fall on a picture that came up in between, unseen. */

const APART = 300; // milliseconds; nobody looks at a picture and decides in less

/** @type {{source: unknown, message: unknown, token: string, time: number}} the one that counted last */
let last = { source: undefined, message: undefined, token: "", time: -Infinity };

/**
 * @param {unknown} source what was pressed: a node for its buttons, or the keys
 * @param {unknown} message what it says
 * @param {string} token the gate that would hear it
 * @returns {boolean} whether this is a press that was meant for the gate before
 */
export function isSecondPress(source, message, token) {
  const time = performance.now();
  const isAgain = source === last.source && message === last.message && time - last.time < APART;
  if (isAgain && token !== last.token) return true;
  last = { source, message, token, time };
  return false;
}
