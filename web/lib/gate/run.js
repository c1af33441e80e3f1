/**
 * Run from here: queues what hangs behind a gate, and so only what the gate itself needs: the bus, or what is wired to it.
 *
 * A gate shows nothing by itself, so ComfyUI cannot be asked for it; it is asked for the outputs that the gate leads to.
 */

import { app, nodeOf, rootGraph, selectedNodes, toast } from "../comfy.js";
import { guarded } from "../guard.js";

/** @typedef {import("../../types/comfy.js").Graph} Graph */
/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {Record<string, {inputs: Record<string, unknown>}>} Prompt */

const GATE = "ImageGate";
const ALWAYS = 0; // what a node's mode is unless it is muted or bypassed

export const runFromHereCommand = {
  id: "Datasete.RunFromHere",
  label: "Run from this gate",
  tooltip: "Run from this gate: only what it needs and what follows it",
  icon: "pi pi-step-forward",
  function: guarded("run from here", runFromSelected),
};

/** @param {unknown} item what is selected @returns {string[]} the commands to offer for it */
export const toolboxCommands = (item) => (isGate(item) ? [runFromHereCommand.id] : []);

/** @param {GraphNode} node @returns {{content: string, callback: () => void}[]} lines for its context menu */
export const menuOf = (node) =>
  isGate(node) ? [{ content: "Run from here", callback: () => void guarded("run from here", runFrom)(node) }] : [];

/** @param {any} item */
const isGate = (item) => item?.comfyClass === GATE;

async function runFromSelected() {
  const selected = selectedNodes().filter(isGate);
  const [node, ...others] = selected.length ? selected : allGates(rootGraph());
  if (node && !others.length) await runFrom(node);
  else toast("info", node ? "Select the gate to run from" : "There is no gate in this workflow");
}

/** @param {Graph} graph @returns {GraphNode[]} also those in subgraphs */
function allGates(graph) {
  return graph.nodes.flatMap((node) => (node.subgraph ? allGates(node.subgraph) : isGate(node) ? [node] : []));
}

/** @param {GraphNode} node */
export async function runFrom(node) {
  if ((node.mode ?? ALWAYS) !== ALWAYS) return toast("warn", "This gate is muted or bypassed", "It would not pause.");
  if (!hasPicture(node)) return toast("warn", "This gate has no picture", "Wire one to it, or choose a slot in get_id.");
  const { output } = await app.graphToPrompt();
  const targets = shownBehind(output, node);
  if (targets.length) return app.queuePrompt(0, 1, targets);
  return toast("warn", "Nothing to run behind this gate", "Wire a route to a node that shows or saves the picture.");
}

/** @param {GraphNode} node @returns {boolean} whether a picture comes by wire or from the bus, as far as can be seen */
function hasPicture(node) {
  const isWired = (/** @type {string} */ name) => {
    const slot = node.inputs?.findIndex((input) => input.name === name) ?? -1;
    return slot >= 0 && Boolean(node.isInputConnected?.(slot));
  };
  const slotName = node.widgets?.find(({ name }) => name === "get_id")?.value;
  return isWired("image") || isWired("get_id") || Boolean(slotName);
}

/**
 * @param {Prompt} prompt as it would be queued
 * @param {GraphNode} node
 * @returns {string[]} execution ids of the outputs that it leads to, wherever they are
 */
function shownBehind(prompt, node) {
  const starts = Object.keys(prompt).filter((id) => nodeOf(id) === node); // several, in a subgraph that is used twice
  const reached = new Set(starts);
  for (const id of reached) for (const next of readersOf(prompt, id)) reached.add(next);
  return [...reached].filter((id) => nodeOf(id)?.constructor?.nodeData?.output_node);
}

/** @param {Prompt} prompt @param {string} id @returns {string[]} those that take something from it */
function readersOf(prompt, id) {
  const reads = (/** @type {unknown} */ value) => Array.isArray(value) && String(value[0]) === id;
  return Object.keys(prompt).filter((other) => Object.values(prompt[other].inputs).some(reads));
}
