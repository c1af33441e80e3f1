/**
 * Brings a waiting gate before the person, whichever subgraph it is in and whatever tab holds its workflow: its node where
 * there is one on a canvas, else the gate in full size.
 */

import { app, toast } from "../comfy.js";
import { guarded } from "../guard.js";
import { say } from "../say.js";
import { enterTo } from "./instances.js";
import { ownNode } from "./own_node.js";
import { openPageViewer } from "./page_viewer.js";
import { gates } from "./store.js";
import { goToWorkflow, isHere } from "./workflow_tabs.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/datasete.js").Gate} Gate */

export const showGateCommand = {
  id: "Datasete.ShowWaitingGate",
  label: "Show the waiting gate",
  icon: "pi pi-eye",
  function: guarded("show gate", () => showWaitingGate()),
};

const SETTLE_MS = 300; // until a graph has its earlier view back, or a node that was collapsed its size
const TITLE_PIXELS = 34; // above a node
const TOOLS_PIXELS = 48; // at the bottom of the canvas, for ComfyUI's own buttons
const NARROW_PIXELS = 600; // a gate needs all of a window that is narrower

let next = 0;

/** @param {string} [token] of the gate to show; without one, the waiting gates take turns */
export async function showWaitingGate(token) {
  await gates.refresh();
  const waiting = gates.all().filter(({ shown }) => shown !== false);
  const gate = waiting.find((one) => one.token === token) ?? inTurn(waiting);
  if (!gate) return toast("info", say("No gate is waiting"));
  return show(gate);
}

/** @param {Gate} gate */
export async function show(gate) {
  const wasHere = isHere(gate);
  const node = (wasHere || (await goToWorkflow(gate))) && isCanvasShown() ? ownNode(gate) : null;
  if (node) await bringIntoView(node, gate, wasHere);
  else openPageViewer(gate);
}

/** @returns {boolean} false in ComfyUI's App mode, which shows no nodes */
const isCanvasShown = () => app.canvas.canvas.checkVisibility() && app.canvas.canvas.clientWidth > 0;

/** @param {Gate[]} waiting @returns {Gate | undefined} those of this workflow come before others */
function inTurn(waiting) {
  const here = waiting.filter((gate) => ownNode(gate));
  const candidates = here.length ? here : waiting;
  return candidates[next++ % candidates.length];
}

/** @param {GraphNode} node @param {Gate} gate @param {boolean} wasHere whether its workflow was on the canvas before */
async function bringIntoView(node, gate, wasHere) {
  enterTo(gate);
  gates.notify();
  const wasElsewhere = !wasHere || (node.graph && app.canvas.graph !== node.graph);
  if (node.graph && app.canvas.graph !== node.graph) app.canvas.setGraph(node.graph);
  const wasCollapsed = node.flags?.collapsed;
  if (wasCollapsed) node.collapse?.(true);
  if (wasCollapsed || wasElsewhere) await new Promise((done) => setTimeout(done, SETTLE_MS));
  node.updateArea?.(app.canvas.ctx); // frontends up to 1.49 know no place of a node that they have not drawn yet
  app.canvas.selectNode?.(node);
  if (wasCollapsed || isNarrow() || !app.canvas.fitViewToSelectionAnimated) fillWidth(node);
  else app.canvas.fitViewToSelectionAnimated();
}

/** @returns {boolean} */
const isNarrow = () => app.canvas.canvas.getBoundingClientRect().width < NARROW_PIXELS;

/**
 * Shows a node as wide as the window, and down to its last button: the buttons are what people look for.
 *
 * @param {GraphNode} node
 */
function fillWidth(node) {
  const { ds, canvas } = app.canvas;
  const { left, top } = canvas.getBoundingClientRect();
  const free = (document.querySelector(".graph-canvas-panel") ?? canvas).getBoundingClientRect();
  const [width, height] = sizeOf(node);
  ds.scale = Math.min(1.2, free.width / width);
  const fromTop = free.top - top + TITLE_PIXELS * ds.scale;
  const toBottom = free.bottom - top - TOOLS_PIXELS - height * ds.scale;
  const x = free.left - left + (free.width - width * ds.scale) / 2;
  ds.offset = [x / ds.scale - node.pos[0], Math.min(fromTop, toBottom) / ds.scale - node.pos[1]];
  app.canvas.setDirty(true, true);
}

/** @param {GraphNode} node @returns {[number, number]} without its title; Vue nodes are larger than the graph says */
function sizeOf(node) {
  const shown = document.querySelector(`[data-node-id="${CSS.escape(String(node.id))}"]`);
  return shown instanceof HTMLElement ? [shown.offsetWidth, shown.offsetHeight - TITLE_PIXELS] : node.size;
}
