/** A batch inside its loader: finds out which batch the widgets name, and keeps the card up to date. */

import { cardActions, isBusy } from "./actions.js";
import { BatchCard, THUMB } from "./card.js";
import { findBatch, firstUrl, lookInto } from "./client.js";
import { chooseFolder } from "./folder_picker.js";
import { pageNote } from "./page_note.js";
import { chosenByPage, isQueuedHere, pageValues, queueHere } from "./page_values.js";
import { batches } from "./store.js";
import { redraw } from "../comfy.js";
import { chain, guarded } from "../guard.js";
import { executionIdOf, rootGraph, widgetOf, widgetValue } from "../graph.js";
import { addElement, whileInGraph } from "../node_element.js";
import { say, sayCount } from "../say.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */

const NAMED = ["directory", "filter_preset", "custom_pattern"];
const SHOWN = [...NAMED, "order", "seed"];
const TYPING_MS = 250; // after the last keystroke
const LOOK_MS = 1000; // between two looks at the widgets
const IDLE_HEIGHT = 78;
const PICTURE_HEIGHT = 64;
const STARTED_HEIGHT = 178;
const MESSAGE_HEIGHT = 56;
const LIST_HEIGHT = 120;
const PAGE_HEIGHT = 84;
const WIDTH = 300;

/**
 * @typedef {object} LoaderState
 * @property {BatchCard} card
 * @property {string} asked what the server was asked last
 * @property {string} key of the batch; "" while none is known
 * @property {string} note
 * @property {boolean} isFault
 * @property {{file: string, url: string} | null} preview the first picture, before any run
 * @property {ReturnType<typeof setTimeout> | undefined} timer
 */

/** @type {Map<GraphNode, LoaderState>} */
const loaders = new Map();

/** @param {GraphNode} node */
export function attachBatch(node) {
  const actions = cardActions(() => fit(node, state));
  const queue = (/** @type {boolean} */ isHere) => queueHere(node, isHere);
  const card = new BatchCard({ ...actions, queueHere: queue, browse: () => browse(node) }, "Batch");
  /** @type {LoaderState} */
  const state = { card, asked: "", key: "", note: "", isFault: false, preview: null, timer: undefined };
  addElement(node, { name: "batch", type: "datasete-batch", element: card.element, height: () => heightOf(card) });
  whileInGraph(
    node,
    () => {
      loaders.set(node, state);
      findSoon(node, state);
    },
    () => loaders.delete(node),
  );
  chain(node, "onConnectionsChange", () => findSoon(node, state));
  for (const widget of node.widgets ?? []) if (SHOWN.includes(widget.name)) chain(widget, "callback", () => findSoon(node, state));
  render(node, state);
}

/** Chooses the folder of a loader. @param {GraphNode} node */
function browse(node) {
  chooseFolder(widgetValue(node, "directory") ?? "", (directory) => {
    const widget = /** @type {any} */ (widgetOf(node, "directory"));
    if (!widget) return;
    widget.value = directory;
    widget.callback?.(directory);
    redraw(node);
  });
}

/** @param {GraphNode} node @param {LoaderState} state */
function findSoon(node, state) {
  clearTimeout(state.timer);
  state.timer = setTimeout(guarded("batch of a loader", () => find(node, state)), TYPING_MS);
}

/**
 * What to ask the server by: the widgets or, when their values come by wire, the loader's place in the workflow.
 *
 * @param {GraphNode} node
 * @returns {Record<string, string>}
 */
function question(node) {
  const [directory, preset, pattern] = NAMED.map((name) => widgetValue(node, name));
  if (directory === undefined || preset === undefined || pattern === undefined) {
    return { workflow: rootGraph()?.id ?? "", node: executionIdOf(node) };
  }
  const [order = "name", seed = "0"] = ["order", "seed"].map((name) => widgetValue(node, name));
  return directory.trim() ? { directory, filter_preset: preset, custom_pattern: pattern, order, seed } : {};
}

/**
 * @param {GraphNode} node
 * @param {LoaderState} state
 * @param {boolean} [isStale] ask although the widgets are as they were
 * @returns {Promise<void>}
 */
async function find(node, state, isStale = false) {
  const query = question(node);
  const asked = JSON.stringify(query);
  if (asked === state.asked && !isStale) return undefined;
  state.asked = asked;
  if (!Object.keys(query).length) return show(node, state, "", say("Enter a folder in “directory”"));
  const since = batches.events;
  try {
    const { key, batch, trigger } = await findBatch(query);
    if (state.asked !== asked) return undefined; // the widgets name another folder by now
    if (batches.hasMoved(key, since)) return find(node, state, true); // the answer is older than an event
    batches.trigger = trigger;
    if (batch) batches.put(batch);
    if (!("directory" in query)) return show(node, state, key, say("The folder comes through a wire, with the next run"));
    if (batch?.total) return show(node, state, key, "");
    state.key = key; // before the folder is looked into: what happens meanwhile is heard
    const { count, first } = await lookInto(query);
    if (state.asked !== asked) return undefined;
    if (batches.hasMoved(key, since)) return find(node, state, true);
    showFolder(node, state, query, count, first);
  } catch (error) {
    const { message, status } = /** @type {import("../client.js").ServerError} */ (error);
    if (status) show(node, state, "", message, true);
    else state.asked = ""; // asked again when the server is back
  }
  return undefined;
}

/**
 * Shows what the folder holds, before any run.
 *
 * @param {GraphNode} node
 * @param {LoaderState} state
 * @param {Record<string, string>} query
 * @param {number} count of its files
 * @param {string} first one
 */
function showFolder(node, state, query, count, first) {
  if (!count) return show(node, state, state.key, say("No file in this folder matches the filter"), true);
  const note = sayCount(count, "{n} picture · not begun", "{n} pictures · not begun");
  return show(node, state, state.key, note, false, { file: first, url: firstUrl(query, THUMB) });
}

/**
 * @param {GraphNode} node
 * @param {LoaderState} state
 * @param {string} key
 * @param {string} note
 * @param {boolean} [isFault]
 * @param {LoaderState["preview"]} [first]
 */
function show(node, state, key, note, isFault = false, first = null) {
  Object.assign(state, { key, note, isFault, preview: first });
  render(node, state);
}

/** @param {GraphNode} node @param {LoaderState} state */
function render(node, state) {
  const batch = state.key ? batches.value.get(state.key) : null;
  if (batch && !batch.total && !state.note) lookAgain(node, state);
  state.card.update({
    batch,
    trigger: batches.trigger,
    busy: isBusy(state.key),
    note: state.note,
    isFault: state.isFault,
    preview: state.preview,
    isWired: isWired(state) || widgetOf(node, "directory") === undefined,
    page: pageNote(chosenByPage(), isQueuedHere(node), batches.trigger),
  });
  fit(node, state);
}

/** Looks into the folder of a batch that was started over. @param {GraphNode} node @param {LoaderState} state */
function lookAgain(node, state) {
  state.note = "…"; // once
  guarded("batch of a loader", find)(node, state, true);
}

/** @param {BatchCard} card */
function heightOf(card) {
  const message = card.facts.message.hidden ? 0 : MESSAGE_HEIGHT;
  const list = card.skipped.element.hidden ? 0 : LIST_HEIGHT;
  const page = card.page.element.hidden ? 0 : PAGE_HEIGHT;
  const picture = card.facts.bar.hidden && !card.facts.body.hidden ? PICTURE_HEIGHT : 0;
  return (card.facts.bar.hidden ? IDLE_HEIGHT + picture : STARTED_HEIGHT) + message + list + page;
}

/**
 * Makes the node large enough. It never shrinks it: a workflow whose nodes move by themselves is hard to read.
 *
 * @param {GraphNode} node
 * @param {LoaderState} state
 */
function fit(node, { card }) {
  const height = `${heightOf(card)}px`;
  if (card.element.style.minHeight !== height) {
    card.element.style.minHeight = height;
    const [width, least] = node.computeSize();
    const size = /** @type {[number, number]} */ ([Math.max(node.size[0], width, WIDTH), Math.max(node.size[1], least)]);
    if (size[0] !== node.size[0] || size[1] !== node.size[1]) node.setSize(size);
  }
  redraw(node);
}

/** Asks for the batches of all loaders. @param {boolean} [isStale] also where the widgets are as they were */
export function refreshLoaders(isStale = false) {
  for (const [node, state] of loaders) guarded("batch of a loader", find)(node, state, isStale);
}

/** Looks at what the widgets of the workflow say now. */
function look() {
  refreshLoaders();
  const names = loaders.size ? chosenByPage().join() : "";
  if (names === seen) return;
  seen = names;
  pageValues.notify();
}

let seen = "";

/** @param {LoaderState} state @returns {boolean} whether its folder comes by wire: any batch may turn out to be its own */
const isWired = ({ asked }) => asked.includes('"node":');

/** @param {string} key of a batch that has moved */
function follow(key) {
  for (const [node, state] of loaders) {
    if (state.key === key) void batches.load(key);
    else if (isWired(state)) guarded("batch of a loader", find)(node, state, true);
  }
}

/** Keeps the loaders' cards up to date. */
export function followBatches() {
  // A widget that is promoted to the outside of a subgraph causes no event here when it changes.
  setInterval(() => document.hidden || look(), LOOK_MS);
  batches.moves.subscribe(follow);
  batches.gaps.subscribe(() => refreshLoaders(true));
  const renderAll = () => {
    for (const [node, state] of loaders) render(node, state);
  };
  batches.subscribe(renderAll);
  pageValues.subscribe(renderAll);
}
