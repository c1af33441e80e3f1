/** The gate's place inside its node: makes the view, gives it room, and carries its answers to the server. */

import { CANCEL, RETRY, sendChoice, sendHold } from "./client.js";
import { app, redraw, toast } from "../comfy.js";
import { runFrom } from "./run.js";
import { GateView } from "./view.js";
import { gates } from "./store.js";
import { chain, guarded } from "../guard.js";
import { editMask, maskArrived } from "./mask_editor.js";
import { keepMounted } from "../mounts.js";
import { labelOf, routeCount, setLabel } from "./outputs.js";
import { forwardToCanvas } from "../pointer.js";
import { isSecondPress } from "./presses.js";
import { columnsFor } from "./route_buttons.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {import("./client.js").Message} Message */

const IDLE_HEIGHT = 96;
const OPEN_HEIGHT = 340;
const OPEN_WIDTH = 340;
const ROW = window.matchMedia?.("(pointer: coarse)").matches ? 50 : 34; // of routes, as the style sheet has it
const FOOT = 30; // a second line of quiet buttons
const MARGIN = 20; // what a canvas node leaves around an element, above and below together

/** @type {Map<GraphNode, GateView>} */
const views = new Map();
/** Tokens whose answer is under way. */
const sending = new Set();

/** @param {GraphNode} node */
export function attachGate(node) {
  const view = new GateView(node, {
    choose: guarded("choose", (route) => answerAt(node, route)),
    stop: guarded("stop", () => answerAt(node, CANCEL)),
    retry: guarded("retry", () => answerAt(node, RETRY)),
    hold: guarded("hold", () => hold(gates.at(node)[0])),
    run: guarded("run", () => runFrom(node)),
    paint: guarded("paint", (frame) => paint(node, frame)),
    rename: guarded("rename", (route, label) => rename(node, route, label)),
  });
  const widget = node.addDOMWidget("gate", "datasete-gate", view.element, {
    serialize: false,
    hideOnZoom: false,
    getMinHeight: () => heightOf(view) + MARGIN,
  });
  widget.serialize = false;
  forwardToCanvas(view.element);
  keepMounted(node, view.element);
  views.set(node, view);
  follow(node, view);
  updateNode(node, view);
}

/** @param {GraphNode} node @param {GateView} view */
function follow(node, view) {
  chain(node, "onRemoved", () => views.delete(node));
  chain(node, "onAdded", () => {
    views.set(node, view); // a node can be taken out of a graph and put back
    queueMicrotask(guarded("added", () => updateNode(node, view)));
  });
  chain(node, "onOutputDblClick", (slot) => {
    if (slot > 0 && !view.routes.isNaming) view.toggleNames();
  });
}

/** @param {GateView} view */
function heightOf(view) {
  const { length } = view.routes.labels;
  const rows = Math.ceil(length / columnsFor(length));
  const routes = Math.max(0, rows - 1) * ROW;
  const { frames = 1, policy, trouble } = view.gate ?? {};
  const more = (frames > 1 ? 60 : 0) + (policy ? 32 : 0) + (trouble ? 60 : 0) + (view.more.offered > 1 ? FOOT : 0);
  return (view.gate ? OPEN_HEIGHT : IDLE_HEIGHT) + routes + more;
}

/** Brings every gate node in line with what is known now. */
export function refreshGates() {
  for (const [node, view] of views) guarded("update", updateNode)(node, view);
  ticking();
}

/** @param {GraphNode} node @param {GateView} view */
function updateNode(node, view) {
  const wasOpen = Boolean(view.gate);
  const waiting = gates.at(node);
  view.update({
    waiting,
    busy: waiting.length > 0 && sending.has(waiting[0].token),
    verdict: gates.verdict(node),
    labels: Array.from({ length: Math.max(routeCount(node), 1) }, (_, index) => labelOf(node, index + 1)),
  });
  view.element.style.minHeight = `${heightOf(view)}px`;
  if (wasOpen !== Boolean(view.gate)) makeRoom(node, Boolean(view.gate));
  redraw(node);
}

/**
 * Grows the node for a picture. It keeps that size afterwards: a workflow that moves by itself is hard to read.
 *
 * @param {GraphNode} node
 * @param {boolean} isOpen
 */
function makeRoom(node, isOpen) {
  const [width, height] = node.computeSize();
  const wide = isOpen ? Math.max(width, OPEN_WIDTH) : width;
  const size = /** @type {[number, number]} */ ([Math.max(node.size[0], wide), Math.max(node.size[1], height)]);
  if (size[0] !== node.size[0] || size[1] !== node.size[1]) node.setSize(size);
}

/** @param {GraphNode} node @param {Message} message */
function answerAt(node, message) {
  const [gate] = gates.at(node);
  return gate && answer(gate, message, node);
}

/**
 * @param {Gate} gate
 * @param {Message} message
 * @param {unknown} source what was pressed
 */
export async function answer(gate, message, source) {
  if (isSecondPress(source, message, gate.token) || sending.has(gate.token)) return;
  sending.add(gate.token);
  refreshGates();
  try {
    if (message !== CANCEL && !(await maskArrived(gate))) return;
    await sendChoice(gate, message);
    gates.settle(gate, verdictOf(message));
  } catch (error) {
    const { message: text, hint, status } = /** @type {import("../client.js").ServerError} */ (error);
    leaveFullSize(gate); // the message would be behind it
    toast(status === 409 ? "warn" : "error", text, hint);
    gates.refresh();
  } finally {
    sending.delete(gate.token);
    refreshGates();
  }
}

/** @param {Message} message @returns {import("../../types/datasete.js").Verdict} */
function verdictOf(message) {
  if (message === CANCEL) return { reason: "stopped" };
  return message === RETRY ? { reason: "retried" } : { route: message, reason: "answered" };
}

/** @param {Gate | undefined} gate */
async function hold(gate) {
  if (!gate) return;
  try {
    await sendHold(gate);
  } catch (error) {
    const { message, hint } = /** @type {import("../client.js").ServerError} */ (error);
    toast("warn", message, hint);
  }
  gates.refresh();
}

/** @param {GraphNode} node @param {number} frame */
function paint(node, frame) {
  const [gate] = gates.at(node);
  if (!gate) return;
  if (gate.policy) guarded("hold", hold)(gate); // who paints is there
  editMask(gate, frame);
}

/** @param {GraphNode} node @param {number} route @param {string} label */
function rename(node, route, label) {
  app.canvas.emitBeforeChange(); // one step of undo
  setLabel(node, route, label);
  app.canvas.emitAfterChange();
  refreshGates();
}

/** @param {Gate} gate @returns {GateView | undefined} */
const viewOf = (gate) => [...views.values()].find((view) => view.gate?.token === gate.token);

/** @param {Gate} gate */
function leaveFullSize(gate) {
  viewOf(gate)?.viewer.element.close();
}

/** @param {Gate} gate @param {KeyboardEvent} event @returns {boolean} whether the key led to another of its frames */
export function frameByKey(gate, event) {
  return viewOf(gate)?.frames.onKey(event) ?? false;
}

/**
 * @param {Element} element
 * @returns {Gate | undefined} the gate that an element on the page belongs to
 */
export function gateOfElement(element) {
  for (const view of views.values()) if (view.holds(element)) return view.gate;
  return undefined;
}

/** @type {ReturnType<typeof setInterval> | undefined} */
let timer;

function ticking() {
  const isNeeded = [...views.values()].some((view) => view.gate);
  if (isNeeded === Boolean(timer)) return;
  clearInterval(timer);
  timer = isNeeded ? setInterval(() => views.forEach((view) => view.tick()), 1000) : undefined;
}
