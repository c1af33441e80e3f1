/** The batch's place inside its loader: finds out which one the widgets mean, and keeps the card in line with it. */

import { cardActions, isBusy } from "./actions.js";
import { BatchCard } from "./card.js";
import { findBatch } from "./client.js";
import { executionId, widgetValue } from "./place.js";
import { batches } from "./store.js";
import { redraw } from "../comfy.js";
import { chain, guarded } from "../guard.js";
import { rootGraph } from "../graph.js";
import { forwardToCanvas } from "../node_element.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */

const NAMED = ["directory", "filter_preset", "custom_pattern"];
const PAUSE = 250; // milliseconds after the last keystroke
const LOOK = 1000; // milliseconds between two looks at the widgets
const IDLE_HEIGHT = 46;
const BEGUN_HEIGHT = 178;
const MESSAGE_HEIGHT = 56;
const LIST_HEIGHT = 120;
const MARGIN = 20; // what a canvas node leaves around an element, above and below together
const WIDTH = 300;

/**
 * @typedef {object} Seat
 * @property {BatchCard} card
 * @property {string} asked what the server was asked last
 * @property {string} key of the batch; "" while none is known
 * @property {string} note
 * @property {boolean} isFault
 * @property {ReturnType<typeof setTimeout> | undefined} timer
 */

/** @type {Map<GraphNode, Seat>} */
const seats = new Map();

/** @param {GraphNode} node */
export function attachBatch(node) {
  const card = new BatchCard(cardActions(() => fit(node, seat)), "Batch");
  /** @type {Seat} */
  const seat = { card, asked: "", key: "", note: "", isFault: false, timer: undefined };
  const widget = node.addDOMWidget("batch", "datasete-batch", card.element, {
    serialize: false,
    hideOnZoom: false,
    getMinHeight: () => heightOf(card) + MARGIN,
  });
  widget.serialize = false;
  forwardToCanvas(card.element);
  seats.set(node, seat);
  follow(node, seat);
  draw(node, seat);
  later(node, seat);
}

/** @param {GraphNode} node @param {Seat} seat */
function follow(node, seat) {
  chain(node, "onRemoved", () => void seats.delete(node));
  chain(node, "onAdded", () => {
    seats.set(node, seat); // a node can be taken out of a graph and put back
    later(node, seat);
  });
  chain(node, "onConnectionsChange", () => later(node, seat));
  for (const widget of node.widgets ?? []) {
    if (!NAMED.includes(widget.name)) continue;
    const before = widget.callback;
    widget.callback = function callback(/** @type {any[]} */ ...args) {
      later(node, seat);
      return before?.apply(this, args);
    };
  }
}

/** @param {GraphNode} node @param {Seat} seat */
function later(node, seat) {
  clearTimeout(seat.timer);
  seat.timer = setTimeout(guarded("batch of a loader", () => find(node, seat, false)), PAUSE);
}

/**
 * What to ask the server: the widgets or, when the folder comes by wire, where the loader is.
 *
 * @param {GraphNode} node
 * @returns {Record<string, string>}
 */
function question(node) {
  const [directory, preset, pattern] = NAMED.map((name) => widgetValue(node, name));
  if (directory === undefined || preset === undefined || pattern === undefined) {
    return { workflow: rootGraph()?.id ?? "", node: executionId(node) };
  }
  return directory.trim() ? { directory, filter_preset: preset, custom_pattern: pattern } : {};
}

/**
 * @param {GraphNode} node
 * @param {Seat} seat
 * @param {boolean} anew although nothing has changed here
 * @returns {Promise<void>}
 */
async function find(node, seat, anew) {
  const query = question(node);
  const asked = JSON.stringify(query);
  if (asked === seat.asked && !anew) return undefined;
  seat.asked = asked;
  if (!Object.keys(query).length) return settle(node, seat, "", "Type a folder into “directory”");
  const since = batches.events();
  try {
    const { key, batch, trigger } = await findBatch(query);
    if (seat.asked !== asked) return undefined; // something else was typed meanwhile
    if (batches.hasMoved(key, since)) return find(node, seat, true); // the answer is older than an event
    batches.setTrigger(trigger);
    if (batch) batches.put(batch);
    const note = "directory" in query ? "Not begun: Run walks this folder" : "The folder comes by wire, with a run";
    settle(node, seat, key, note);
  } catch (error) {
    const { message, status } = /** @type {import("../client.js").ServerError} */ (error);
    if (status) settle(node, seat, "", message, true);
    else seat.asked = ""; // its return is an event of its own
  }
  return undefined;
}

/**
 * @param {GraphNode} node
 * @param {Seat} seat
 * @param {string} key
 * @param {string} note
 * @param {boolean} [isFault]
 */
function settle(node, seat, key, note, isFault = false) {
  Object.assign(seat, { key, note, isFault });
  draw(node, seat);
}

/** @param {GraphNode} node @param {Seat} seat */
function draw(node, seat) {
  const batch = seat.key ? batches.get(seat.key) : null;
  seat.card.update({
    batch,
    trigger: batches.trigger(),
    busy: isBusy(seat.key),
    note: batch && !batch.total ? "Not begun: Run walks this folder" : seat.note,
    isFault: seat.isFault,
  });
  fit(node, seat);
}

/** @param {BatchCard} card */
function heightOf(card) {
  const message = card.facts.message.hidden ? 0 : MESSAGE_HEIGHT;
  const list = card.skipped.element.hidden ? 0 : LIST_HEIGHT;
  return (card.facts.bar.hidden ? IDLE_HEIGHT : BEGUN_HEIGHT) + message + list;
}

/**
 * Grows the node for what is shown. It keeps that size afterwards: a workflow that moves by itself is hard to read.
 *
 * @param {GraphNode} node
 * @param {Seat} seat
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

/** Asks for every loader's batch again. */
export function refreshLoaders(anew = true) {
  for (const [node, seat] of seats) guarded("batch of a loader", find)(node, seat, anew);
}

const isWired = (/** @type {Seat} */ { asked }) => asked.includes('"node":');

/** Keeps the loaders' cards in line with the store. */
export function followBatches() {
  // Nothing tells when a widget changes that is promoted to the outside of a subgraph.
  setInterval(() => document.hidden || refreshLoaders(false), LOOK);
  batches.subscribe({
    wants: (key) => [...seats.values()].some((seat) => seat.key === key || isWired(seat)),
    changed: (key) => {
      for (const [node, seat] of seats) {
        if (!key || seat.key === key) draw(node, seat);
        else if (isWired(seat)) guarded("batch of a loader", find)(node, seat, true);
      }
    },
    again: refreshLoaders,
  });
}
