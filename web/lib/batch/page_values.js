/**
 * What this page alone chooses in a prompt: dynamic prompts (`{red|blue}`), and values that a widget, or another pack, makes up
 * when a person presses Run (a seed at −1, a picture from the camera). A server that queues the next run itself has to be sent
 * the dynamic prompts as they were typed, and cannot choose the others again: they would stand still for a whole batch.
 */

import { Observable } from "../store.js";
import { allNodes, isWired, nodeOf, rootGraph, widgetOf, widgetValue } from "../graph.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {Record<string, {class_type?: string, inputs?: Record<string, unknown>}>} Prompt */
/** @typedef {Record<string, Record<string, string>>} Typed texts by node and input */

const OWN = new Set(["BatchImageLoader", "BatchImageSaver", "FolderImageLoader", "GridImagePool", "ImageGate", "PoolProfile"]);
const SEED = /seed$/i;
const LOADER = "BatchImageLoader";
const BROWSER = "browser";
const PROPERTY = "queuedBy";

/** Tells that another prompt was looked at, or that somebody chose who queues the runs. */
export const pageValues = new Observable("page values");

/** @type {Map<string, string[]>} what was found in the last prompt of a workflow, by its id */
const found = new Map();

/**
 * Looks through a prompt that is about to be queued.
 *
 * @param {Prompt} prompt
 * @param {string} workflow its id
 * @returns {Typed} its dynamic prompts as they were typed
 */
export function lookThrough(prompt, workflow) {
  /** @type {Typed} */
  const typed = {};
  const others = [];
  for (const [id, { class_type: kind = "", inputs = {} }] of Object.entries(prompt)) {
    const node = OWN.has(kind) ? null : nodeOf(id);
    for (const [name, value] of node ? Object.entries(inputs) : []) {
      const choice = choiceOf(/** @type {GraphNode} */ (node), name, value);
      if (choice === "page") others.push(nameOf(/** @type {GraphNode} */ (node), name));
      else if (choice) (typed[id] ??= {})[name] = choice.text;
    }
  }
  found.set(workflow, others);
  pageValues.notify();
  return typed;
}

/**
 * @param {GraphNode} node
 * @param {string} name of an input
 * @param {unknown} value what the prompt has for it
 * @returns {"page" | {text: string} | undefined} whether the page chose it, from which text if from a dynamic prompt
 */
function choiceOf(node, name, value) {
  const widget = /** @type {any} */ (widgetOf(node, name));
  if (!widget || (value !== null && typeof value === "object")) return undefined;
  const own = widgetValue(node, name);
  if (own === undefined || own === String(value)) return undefined;
  if (widget.dynamicPrompts) return own.includes("{") ? { text: own } : undefined;
  return widget.serializeValue || isUnchosen(name, own) ? "page" : undefined;
}

/** @param {string} name @param {unknown} value @returns {boolean} whether it stands for a seed that a pack chooses in the page */
const isUnchosen = (name, value) => SEED.test(name) && Number(value) < 0 && Number(value) >= -3;

/** @param {GraphNode} node @param {string} name */
const nameOf = (node, name) => `${node.title || node.type} · ${name}`;

/** @returns {string[]} what the page chooses: as the last prompt had it, or as the widgets look before there is one */
export function chosenByPage() {
  const before = allNodes().flatMap((node) =>
    (node.widgets ?? []).filter(({ name, value }) => isUnchosen(name, value) && !isWired(node, name)).map(({ name }) => nameOf(node, name)),
  );
  return [...new Set([...before, ...(found.get(rootGraph()?.id ?? "") ?? [])])];
}

/** @param {GraphNode} node a loader @returns {boolean} whether its tab is to queue the runs */
export const isQueuedHere = (node) => node.properties?.[PROPERTY] === BROWSER;

/** @param {GraphNode} node a loader @param {boolean} isHere */
export function queueHere(node, isHere) {
  node.properties ??= {};
  if (isHere) node.properties[PROPERTY] = BROWSER;
  else delete node.properties[PROPERTY];
  pageValues.notify();
}

/** @param {Prompt} prompt @returns {boolean} whether one of its loaders asks that this tab queues the runs */
export function asksForThisTab(prompt) {
  const loaders = Object.entries(prompt).filter(([, { class_type: kind }]) => kind === LOADER);
  return loaders.some(([id]) => isQueuedHere(/** @type {any} */ (nodeOf(id)) ?? {}));
}
