/** The gate inside its node: makes the view, gives it room, and sends its answers to the server. */

import { app, redraw } from "../comfy.js";
import { chain, guarded } from "../guard.js";
import { addElement, whileInGraph } from "../node_element.js";
import { answer, hold, isSending, paint } from "./answers.js";
import { CANCEL, RETRY } from "./client.js";
import { followNames, nameTrouble } from "./names.js";
import { labelOf, routeCount, setLabel } from "./outputs.js";
import { gateOfPageViewer, isInPageViewer } from "./page_viewer.js";
import { columnsFor } from "./route_buttons.js";
import { runFrom } from "./run.js";
import { gates } from "./store.js";
import { GateView } from "./view.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {import("./client.js").Message} Message */

const IDLE_HEIGHT = 96;
const OPEN_HEIGHT = 340;
const OPEN_WIDTH = 340;
const ROW_HEIGHT = window.matchMedia?.("(pointer: coarse)").matches ? 50 : 34; // of route buttons, as in the style sheet
const FOOT_HEIGHT = 30; // of a second line of quiet buttons
const FAULT_HEIGHT = 72; // of the sentences that say what failed

/** @type {Map<GraphNode, GateView>} */
const views = new Map();
/** The height that each had when it waited last. @type {WeakMap<GateView, number>} */
const reserved = new WeakMap();

/** @param {GraphNode} node */
export function attachGate(node) {
  const view = new GateView(node, {
    choose: guarded("choose", (route) => answerAt(node, route)),
    stop: guarded("stop", () => answerAt(node, CANCEL)),
    retry: guarded("retry", () => answerAt(node, RETRY)),
    hold: guarded("hold", () => hold(gates.at(node)[0])),
    run: guarded("run", () => runFrom(node)),
    paint: guarded("paint", (frame) => paint(gates.at(node)[0], frame)),
    rename: guarded("rename", (route, label) => rename(node, route, label)),
  });
  addElement(node, { name: "gate", type: "datasete-gate", element: view.element, height: () => roomOf(view) });
  const enter = () => {
    views.set(node, view);
    queueMicrotask(guarded("added", () => updateNode(node, view))); // the node has its place in the graph by then
  };
  whileInGraph(node, enter, () => views.delete(node));
  updateNode(node, view);
  followNames(node, refreshGates);
  makeRoom(node, true, OPEN_HEIGHT - IDLE_HEIGHT); // from the start: a saved node gets its own size back in a moment
  chain(node, "onOutputDblClick", (slot) => {
    if (slot > 0 && !view.routes.isNaming) view.toggleNames();
  });
}

/** @param {GateView} view */
function heightOf(view) {
  const { length } = view.routes.labels;
  const rows = Math.ceil(length / columnsFor(length));
  const routes = Math.max(0, rows - 1) * ROW_HEIGHT;
  const { frames = 1, policy, trouble } = view.gate ?? {};
  const more = (frames > 1 ? 60 : 0) + (policy ? 32 : 0) + (trouble ? 60 : 0) + (view.more.offered > 1 ? FOOT_HEIGHT : 0);
  return (view.gate ? OPEN_HEIGHT : IDLE_HEIGHT) + routes + more + (view.fault ? FAULT_HEIGHT : 0);
}

/**
 * In Vue nodes the element makes the node higher than the graph says. It stays as high after an answer, so that nothing moves.
 *
 * @param {GateView} view
 */
const roomOf = (view) => Math.max(heightOf(view), reserved.get(view) ?? 0);

/** Makes every gate node show the current state. */
export function refreshGates() {
  for (const [node, view] of views) guarded("update", updateNode)(node, view);
  runClock();
}

/** @param {GraphNode} node @param {GateView} view */
function updateNode(node, view) {
  const wasOpen = Boolean(view.gate);
  const waiting = gates.at(node);
  view.update({
    waiting,
    busy: isSending(waiting[0]),
    verdict: nameTrouble(node) ?? gates.verdict(node),
    labels: Array.from({ length: Math.max(routeCount(node), 1) }, (_, index) => labelOf(node, index + 1)),
  });
  const isOpen = Boolean(view.gate);
  if (isOpen) reserved.set(view, heightOf(view));
  view.element.style.minHeight = `${roomOf(view)}px`;
  if (wasOpen !== isOpen) makeRoom(node, isOpen);
  redraw(node);
}

/**
 * Grows the node for a picture. The node keeps that size, because a workflow whose nodes move by themselves is hard to read.
 *
 * @param {GraphNode} node
 * @param {boolean} isOpen
 * @param {number} more pixels of height than it needs now
 */
function makeRoom(node, isOpen, more = 0) {
  const [width, least] = node.computeSize();
  const height = least + more;
  const wide = isOpen ? Math.max(width, OPEN_WIDTH) : width;
  const size = /** @type {[number, number]} */ ([Math.max(node.size[0], wide), Math.max(node.size[1], height)]);
  if (size[0] !== node.size[0] || size[1] !== node.size[1]) node.setSize(size);
}

/** @param {GraphNode} node @param {Message} message */
function answerAt(node, message) {
  const [gate] = gates.at(node);
  return gate && answer(gate, message, node);
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

/** Closes the full-size view of a gate: what is said about it would be behind it. @param {Gate} gate */
export function closeFullSize(gate) {
  viewOf(gate)?.viewer.element.close();
}

/** @param {Gate} gate @param {KeyboardEvent} event @returns {boolean} whether the key was for its frames */
export function frameByKey(gate, event) {
  return viewOf(gate)?.frames.onKey(event) ?? false;
}

/**
 * @param {Element} element
 * @returns {Gate | undefined} the gate that an element on the page belongs to
 */
export function gateOfElement(element) {
  for (const view of views.values()) if (view.holds(element)) return view.gate;
  return isInPageViewer(element) ? gateOfPageViewer() : undefined;
}

/** Moves the focus to a gate in its node, so that its keys act and Tab goes to its buttons. @param {Gate} gate */
export function focusGate(gate) {
  viewOf(gate)?.element.focus({ preventScroll: true });
}

/** @param {Gate} gate @returns {boolean} whether the person can see its picture now, in its node or in full size */
export function isInSight(gate) {
  const view = viewOf(gate);
  return Boolean(view?.isInSight) || gateOfPageViewer()?.token === gate.token;
}

/** @type {ReturnType<typeof setInterval> | undefined} */
let timer;

function runClock() {
  const isNeeded = [...views.values()].some((view) => view.gate);
  if (isNeeded === Boolean(timer)) return;
  clearInterval(timer);
  timer = isNeeded ? setInterval(() => views.forEach((view) => view.tick()), 1000) : undefined;
}
