/**
 * The batches as this page knows them. The server is right, always: an event says only which batch moved, and that one
 * is asked for again, so that a reload, a second tab or a lost message cost nothing.
 */

import { fetchBatches } from "./client.js";
import { ServerError } from "../client.js";
import { guarded } from "../guard.js";

/** @typedef {import("../../types/batch.js").Batch} Batch */

/**
 * @typedef {object} Observer
 * @property {(key: string) => boolean} wants whether a batch is of interest
 * @property {(key: string) => void} changed something is known of it that was not; "" for any
 * @property {() => void} again everything may have changed meanwhile
 */

/** @type {Map<string, Batch>} */
const known = new Map();
/** @type {Set<Observer>} */
const observers = new Set();
/** @type {Set<string>} */
const stale = new Set();
/** @type {Map<string, number>} which event was the last one of a batch */
const heard = new Map();
let events = 0;
let asking = false;
let sinceConnected = 0;
let configured = "";

/** @param {(observer: Observer) => void} act */
const each = (act) => observers.forEach((observer) => guarded("batches", act)(observer));

/** @param {Batch} batch */
function keep(batch) {
  const before = known.get(batch.key);
  if (before && before.updated > batch.updated) return; // an answer that was overtaken
  known.set(batch.key, batch);
}

/** @param {string} key */
function moved(key) {
  heard.set(key, ++events);
  if (![...observers].some((observer) => observer.wants(key))) return;
  stale.add(key);
  guarded("batches", catchUp)();
}

async function catchUp() {
  if (asking) return;
  asking = true;
  try {
    while (stale.size) {
      const keys = [...stale];
      stale.clear();
      const { batches: list, trigger } = await fetchBatches(keys);
      configured = trigger;
      list.forEach(keep);
      keys.forEach((key) => batches.tell(key));
    }
  } catch (error) {
    // With the server away there is nothing to show, and its return is an event of its own.
    if (!(error instanceof ServerError) || error.status) throw error;
  } finally {
    asking = false;
  }
}

const again = () => each((observer) => observer.again());

export const batches = {
  /** @param {string} key */
  get: (key) => known.get(key),

  /** @returns {Batch[]} those that walk first, then the one that changed last */
  all: () => [...known.values()].sort((one, other) => rank(one) - rank(other) || other.updated - one.updated),

  /** @returns {string} the trigger that the configuration names */
  trigger: () => configured,

  /**
   * Takes what the server answered elsewhere.
   *
   * @param {Batch} batch
   */
  put(batch) {
    keep(batch);
    batches.tell(batch.key);
  },

  /** @param {string} key what is shown of it is not up to date */
  tell: (key) => each((observer) => observer.wants(key) && observer.changed(key)),

  /** @returns {number} how many events have come so far */
  events: () => events,

  /** @param {string} key @param {number} since whether an event of that batch has come after so many of all */
  hasMoved: (key, since) => (heard.get(key) ?? 0) > since,

  /** @param {string} trigger */
  setTrigger: (trigger) => void (configured = trigger),

  /** Asks for all of them. */
  async load() {
    const { batches: list, trigger } = await fetchBatches([]);
    configured = trigger;
    known.clear();
    list.forEach(keep);
    each((observer) => observer.changed(""));
  },

  /**
   * @param {Observer} observer
   * @returns {() => void} ends it
   */
  subscribe(observer) {
    observers.add(observer);
    return () => observers.delete(observer);
  },

  /** @param {import("../../types/comfy.js").Api} api */
  listen(api) {
    api.addEventListener("datasete-batch", guarded("batch", (event) => moved(event.detail.key)));
    api.addEventListener("reconnected", again);
    // What happened before the socket was open, or while the machine slept, was told to nobody.
    api.addEventListener("status", (event) => void ((sinceConnected++ && !isCutOff(event.detail)) || again()));
    document.addEventListener("visibilitychange", () => document.hidden || again());
  },
};

/**
 * Whether the queue is empty although a batch is on its way: somebody took its next run off, and no event tells that.
 *
 * @param {{exec_info?: {queue_remaining?: number}} | null} status
 */
function isCutOff(status) {
  const isOnItsWay = (/** @type {Batch} */ { state, waits_for: asked }) => state === "walking" && !asked;
  return status?.exec_info?.queue_remaining === 0 && [...known.values()].some(isOnItsWay);
}

/** @param {Batch} batch */
function rank({ state }) {
  return state === "walking" ? 0 : 1;
}
