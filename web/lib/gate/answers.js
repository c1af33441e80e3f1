/** Sends what a person decides at a gate, wherever on the page they do: in its node, in the full-size view, or in a list. */

import { guarded } from "../guard.js";
import { Observable } from "../store.js";
import { showError } from "../ui.js";
import { beforeAnswer } from "./calm.js";
import { CANCEL, RETRY, sendChoice, sendHold } from "./client.js";
import { editMask, maskArrived } from "./mask_editor.js";
import { gates } from "./store.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {import("./client.js").Message} Message */

const DOUBLE_PRESS_MS = 300; // nobody looks at a picture and decides in less

/** Tokens of gates whose answer is being sent. */
const sending = new Set();

/** Calls its observers when an answer is sent, and when it has arrived or was refused. */
export const answers = new Observable("answers");

/** Calls its observers with a gate whose answer was refused. */
export const refusals = new Observable("refusals");

/** @param {Gate | undefined} gate @returns {boolean} whether an answer to it is being sent */
export const isSending = (gate) => gate !== undefined && sending.has(gate.token);

/**
 * Sends an answer, unless one is being sent already.
 *
 * @param {Gate} gate
 * @param {Message} message
 * @param {unknown} source what was pressed: a node for its buttons, or the keys
 */
export async function answer(gate, message, source) {
  if (isDoublePress(source, message, gate.token) || sending.has(gate.token)) return;
  const calm = beforeAnswer();
  sending.add(gate.token);
  answers.notify();
  try {
    if (message !== CANCEL && !(await maskArrived(gate))) return;
    await sendChoice(gate, message);
    gates.settle(gate, verdictOf(message));
    calm();
  } catch (error) {
    refusals.notify(gate);
    gates.refresh();
    showError(error);
  } finally {
    sending.delete(gate.token);
    answers.notify();
  }
}

/** @param {Message} message @returns {import("../../types/datasete.js").Verdict} */
function verdictOf(message) {
  if (message === CANCEL) return { reason: "stopped" };
  return message === RETRY ? { reason: "retried" } : { route: message, reason: "answered" };
}

/** Ends a gate's countdown for good. @param {Gate | undefined} gate */
export async function hold(gate) {
  if (!gate) return;
  try {
    await sendHold(gate);
  } catch (error) {
    showError(error);
  } finally {
    gates.refresh();
  }
}

/** Opens a painter for a gate's mask. @param {Gate | undefined} gate @param {number} frame from 0 */
export function paint(gate, frame) {
  if (!gate) return;
  if (gate.policy) guarded("hold", hold)(gate); // somebody who paints is there to answer
  editMask(gate, frame);
}

/** @type {{source: unknown, message: unknown, token: string, time: number}} the last press that counted */
let lastPress = { source: undefined, message: undefined, token: "", time: -Infinity };

/**
 * The second of a double press would answer the next gate, whose picture came up in between and was never looked at.
 *
 * @param {unknown} source what was pressed: a node for its buttons, or the keys
 * @param {unknown} message what the press says
 * @param {string} token of the gate that would be answered
 * @returns {boolean} whether the press was still meant for the previous gate
 */
function isDoublePress(source, message, token) {
  const time = performance.now();
  const isAgain = source === lastPress.source && message === lastPress.message && time - lastPress.time < DOUBLE_PRESS_MS;
  if (isAgain && token !== lastPress.token) return true;
  lastPress = { source, message, token, time };
  return false;
}
