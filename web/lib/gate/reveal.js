/** A command that brings the gate that waits into view: in whatever subgraph it is, and in whatever tab its workflow is. */

import { app, nodeOf, toast } from "../comfy.js";
import { goToWorkflow, isHere } from "./workflow_tabs.js";
import { gates } from "./store.js";
import { enterTo } from "./instances.js";
import { guarded } from "../guard.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/datasete.js").Gate} Gate */

export const showGateCommand = {
  id: "Datasete.ShowWaitingGate",
  label: "Show the gate that waits",
  icon: "pi pi-eye",
  function: guarded("show gate", () => showWaitingGate()),
};

const SETTLING = 300; // milliseconds until a graph has the view it had before, or a node that was collapsed its size
const TITLE = 34; // pixels above a node, for its title
const TOOLS = 48; // at the bottom of the canvas, where ComfyUI has its own buttons

let next = 0;

/** @param {string} [token] of the gate meant; without one, those that wait take turns */
export async function showWaitingGate(token) {
  await gates.refresh();
  const waiting = gates.all().filter(({ shown }) => shown !== false);
  const gate = waiting.find((one) => one.token === token) ?? inTurn(waiting);
  if (!gate) return toast("info", "No gate waits");
  if (!isHere(gate) && !(await goToWorkflow(gate))) {
    return toast("info", "The gate that waits belongs to another workflow", "It is not open in this window.");
  }
  const node = nodeOf(gate.id);
  if (node) return bringIntoView(node, gate);
  return toast("info", "The gate that waits is not in this workflow any more", "Stop its run in the queue, or undo.");
}

/** @param {Gate[]} waiting @returns {Gate | undefined} those on the canvas before others */
function inTurn(waiting) {
  const here = waiting.filter((gate) => isHere(gate) && nodeOf(gate.id));
  const candidates = here.length ? here : waiting;
  return candidates[next++ % candidates.length];
}

/** @param {GraphNode} node @param {Gate} gate */
async function bringIntoView(node, gate) {
  enterTo(gate);
  gates.tell();
  const wasElsewhere = node.graph && app.canvas.graph !== node.graph;
  if (node.graph && wasElsewhere) app.canvas.setGraph(node.graph);
  const wasCollapsed = node.flags?.collapsed;
  if (wasCollapsed) node.collapse?.(true);
  if (wasCollapsed || wasElsewhere) await new Promise((done) => setTimeout(done, SETTLING));
  app.canvas.selectNode?.(node);
  if (wasCollapsed || isNarrow() || !app.canvas.fitViewToSelectionAnimated) fillWidth(node);
  else app.canvas.fitViewToSelectionAnimated();
}

/** @returns {boolean} whether the window is so small that a gate needs all of it */
const isNarrow = () => app.canvas.canvas.getBoundingClientRect().width < 600;

/** @param {GraphNode} node as wide as the window, and down to its last button: those are what it is looked at for */
function fillWidth(node) {
  const { ds, canvas } = app.canvas;
  const { left, top } = canvas.getBoundingClientRect();
  const free = (document.querySelector(".graph-canvas-panel") ?? canvas).getBoundingClientRect();
  const [width, height] = sizeOf(node);
  ds.scale = Math.min(1.2, free.width / width);
  const fromTop = free.top - top + TITLE * ds.scale;
  const toBottom = free.bottom - top - TOOLS - height * ds.scale;
  const x = free.left - left + (free.width - width * ds.scale) / 2;
  ds.offset = [x / ds.scale - node.pos[0], Math.min(fromTop, toBottom) / ds.scale - node.pos[1]];
  app.canvas.setDirty(true, true);
}

/** @param {GraphNode} node @returns {[number, number]} without its title; Vue nodes are larger than the graph knows */
function sizeOf(node) {
  const shown = document.querySelector(`[data-node-id="${CSS.escape(String(node.id))}"]`);
  return shown instanceof HTMLElement ? [shown.offsetWidth, shown.offsetHeight - TITLE] : node.size;
}
