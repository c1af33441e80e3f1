/**
 * Run from here: queues only what follows a gate and what that needs, so the gate's picture comes from its wire or the bus.
 *
 * A gate is not an output node, so ComfyUI cannot be asked to run it. We ask for the output nodes that it leads to instead.
 */

import { app, toast } from "../comfy.js";
import { allNodes, isWired, nodeOf, selectedNodes, widgetOf } from "../graph.js";
import { guarded } from "../guard.js";
import { say } from "../say.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {Record<string, {inputs: Record<string, unknown>}>} Prompt */

const GATE = "ImageGate";
const MODE_ALWAYS = 0; // of a node that is neither muted nor bypassed

export const runFromHereCommand = {
  id: "Datasete.RunFromHere",
  label: "Run from this gate",
  tooltip: "Run from this gate: only what it needs and what follows it",
  icon: "pi pi-step-forward",
  function: guarded("run from here", runFromSelected),
};

/** @param {unknown} item that is selected @returns {string[]} the commands to offer for it */
export const toolboxCommands = (item) => (isGate(item) ? [runFromHereCommand.id] : []);

/** @param {GraphNode} node @returns {{content: string, callback: () => void}[]} entries of its context menu */
export const menuOf = (node) =>
  isGate(node) ? [{ content: say("Run from here"), callback: () => void guarded("run from here", runFrom)(node) }] : [];

/** @param {any} item */
const isGate = (item) => item?.comfyClass === GATE;

async function runFromSelected() {
  const selected = selectedNodes().filter(isGate);
  const [node, ...others] = selected.length ? selected : allNodes().filter(isGate);
  if (node && !others.length) await runFrom(node);
  else toast("info", node ? say("Select the gate to run from") : say("This workflow has no gate"));
}

/** @param {GraphNode} node */
export async function runFrom(node) {
  if ((node.mode ?? MODE_ALWAYS) !== MODE_ALWAYS) return toast("warn", say("This gate is muted or bypassed"), say("It would not pause."));
  if (!hasPicture(node)) return toast("warn", say("This gate has no picture"), say("Wire one to it, or choose a slot in get_id."));
  const { output } = await app.graphToPrompt();
  const targets = outputsAfter(output, node);
  if (targets.length) return app.queuePrompt(0, 1, targets);
  return toast("warn", say("Nothing to run after this gate"), say("Wire a route to a node that shows or saves the picture."));
}

/** @param {GraphNode} node @returns {boolean} whether a picture will come by wire or from the bus, as far as the page can tell */
function hasPicture(node) {
  return isWired(node, "image") || isWired(node, "get_id") || Boolean(widgetOf(node, "get_id")?.value);
}

/**
 * @param {Prompt} prompt as it would be queued
 * @param {GraphNode} node
 * @returns {string[]} execution ids of the output nodes that it leads to, in whatever subgraph
 */
function outputsAfter(prompt, node) {
  const starts = Object.keys(prompt).filter((id) => nodeOf(id) === node); // several when its subgraph is used twice
  const reached = new Set(starts);
  for (const id of reached) for (const next of readersOf(prompt, id)) reached.add(next);
  return [...reached].filter((id) => nodeOf(id)?.constructor?.nodeData?.output_node);
}

/** @param {Prompt} prompt @param {string} id @returns {string[]} the ids of nodes that take an input from it */
function readersOf(prompt, id) {
  const reads = (/** @type {unknown} */ value) => Array.isArray(value) && String(value[0]) === id;
  return Object.keys(prompt).filter((other) => Object.values(prompt[other].inputs).some(reads));
}
