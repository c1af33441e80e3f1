/**
 * The batches as this page knows them. An event only says which batch has moved; that one is asked for again where something
 * shows it, and all of them only for the panel.
 */

import { fetchBatches } from "./client.js";
import { guarded } from "../guard.js";
import { Observable, Store } from "../store.js";

/** @typedef {import("../../types/batch.js").Batch} Batch */
/** @typedef {{batches: Batch[], trigger: string, isAll: boolean}} Answer */

/** @extends {Store<Answer, Map<string, Batch>>} */
class BatchStore extends Store {
  constructor() {
    super("batches", new Map(), { ask: (signal) => this.fetchWanted(signal) });
    /** The trigger that the configuration names. */
    this.trigger = "";
    /** What the next question asks for. */
    this.wanted = { isAll: false, keys: /** @type {Set<string>} */ (new Set()) };
    /** Tells the key of every batch that has moved, whether it is shown or not. */
    this.moves = new Observable("batches");
    /** Tells that events may have been missed: everything that is shown has to be asked for again. */
    this.gaps = new Observable("batches");
    /** @type {Map<string, number>} the number of the last event of a batch */
    this.heard = new Map();
    this.events = 0;
    this.connections = 0;
  }

  /** Asks for all batches. */
  loadAll() {
    this.wanted.isAll = true;
    return this.refresh();
  }

  /** @param {string} key of a batch to ask for */
  load(key) {
    this.wanted.keys.add(key);
    return this.refresh();
  }

  /** @param {AbortSignal} signal @returns {Promise<Answer>} */
  async fetchWanted(signal) {
    const { isAll, keys } = this.wanted;
    this.wanted = { isAll: false, keys: new Set() };
    try {
      return { ...(await fetchBatches(isAll ? [] : [...keys], signal)), isAll };
    } catch (error) {
      this.wanted = { isAll: isAll || this.wanted.isAll, keys: new Set([...keys, ...this.wanted.keys]) };
      throw error;
    }
  }

  /** @param {Answer} answer */
  accept({ batches: list, trigger, isAll }) {
    this.trigger = trigger;
    const latest = list.map((batch) => newer(batch, this.value.get(batch.key)));
    if (isAll) this.value.clear();
    latest.forEach((batch) => this.keep(batch));
  }

  /** @param {Batch} batch */
  keep(batch) {
    this.value.set(batch.key, newer(batch, this.value.get(batch.key)));
  }

  /** Takes what the server answered elsewhere. @param {Batch} batch */
  put(batch) {
    this.keep(batch);
    this.notify();
  }

  /** @returns {Batch[]} those that are running first, then the one that changed last */
  sorted() {
    return [...this.value.values()].sort((one, other) => rank(one) - rank(other) || other.updated - one.updated);
  }

  /** @param {string} key @param {number} since @returns {boolean} whether that batch has moved after so many events of all */
  hasMoved(key, since) {
    return (this.heard.get(key) ?? 0) > since;
  }

  /** @param {string} key */
  hear(key) {
    this.heard.set(key, ++this.events);
    this.moves.notify(key);
  }

  /** @param {import("../../types/comfy.js").Api} api */
  listen(api) {
    const missed = () => this.gaps.notify();
    api.addEventListener("datasete-batch", guarded("batch", (event) => this.hear(event.detail.key)));
    api.addEventListener("reconnected", missed);
    // Events before the socket was open, or while the machine slept, have reached no page.
    api.addEventListener("status", ({ detail }) => void ((this.connections++ && !this.isCutOff(detail)) || missed()));
    document.addEventListener("visibilitychange", () => document.hidden || missed());
  }

  /**
   * Whether the queue is empty although a batch has a run on its way: somebody removed that run, which causes no event.
   *
   * @param {{exec_info?: {queue_remaining?: number}} | null} status
   */
  isCutOff(status) {
    const isOnItsWay = (/** @type {Batch} */ { state, waits_for: asked }) => state === "walking" && !asked;
    return status?.exec_info?.queue_remaining === 0 && [...this.value.values()].some(isOnItsWay);
  }
}

/** @param {Batch} batch @param {Batch | undefined} known @returns {Batch} answers may overtake each other */
const newer = (batch, known) => (known && known.updated > batch.updated ? known : batch);

/** @param {Batch} batch */
const rank = ({ state }) => (state === "walking" ? 0 : 1);

export const batches = new BatchStore();
