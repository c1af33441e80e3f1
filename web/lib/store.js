/**
 * What this page knows of something that the server owns. The server is right, always: an event only says that something has
 * changed, and everything is fetched again. So a reload, a second tab or a lost message cost nothing.
 */

import { ServerError } from "./client.js";
import { guarded, report } from "./guard.js";

const BUNCH_MS = 250; // events come in bunches: a run that publishes many slots is one question
const LONGEST_RETRY_MS = 30_000;

/** Tells its observers about changes; a fault in one of them does not keep the news from the others. */
export class Observable {
  /** @param {string} name under which faults are logged */
  constructor(name) {
    this.name = name;
    /** @type {Set<(...news: any[]) => void>} */
    this.observers = new Set();
  }

  /**
   * @param {(...news: any[]) => void} observer called after every change
   * @returns {() => void} ends it
   */
  subscribe(observer) {
    this.observers.add(observer);
    return () => void this.observers.delete(observer);
  }

  /** @param {...any} news handed on to the observers */
  notify(...news) {
    for (const observer of this.observers) guarded(this.name, observer)(...news);
  }
}

/**
 * @template Answer
 * @typedef {object} Source where a store's value comes from
 * @property {(signal: AbortSignal) => Promise<Answer>} ask
 * @property {(error: Error) => boolean} [isPassing] whether to ask again after a while; by default, when there was no answer
 * @property {number} [retryMs] that while; twice as long every time
 * @property {number} [timeoutMs] after which a question counts as lost, so that it does not keep the next one waiting
 */

/**
 * An observable that asks for its value, one question at a time. The last good value stays while the server is away, beside
 * the error. Observers are called after every answer, and when there was none.
 *
 * @template Answer
 * @template [Value=Answer]
 */
export class Store extends Observable {
  /**
   * @param {string} name
   * @param {Value} initial the value until the first answer
   * @param {Source<Answer>} source
   */
  constructor(name, initial, source) {
    super(name);
    this.value = initial;
    this.source = { isPassing: isUnreachable, retryMs: 2_000, timeoutMs: 60_000, ...source };
    /** Whether there ever was an answer. */
    this.isKnown = false;
    /** @type {ServerError | null} why the last question got no answer */
    this.error = null;
    this.askedAt = 0;
    this.failures = 0;
    this.isWanted = false;
    /** @type {AbortController | undefined} of the question under way */
    this.asking = undefined;
    /** @type {Promise<void> | undefined} */
    this.running = undefined;
    /** @type {Record<"bunch" | "retry", ReturnType<typeof setTimeout> | undefined>} */
    this.timers = { bunch: undefined, retry: undefined };
  }

  /**
   * Asks again: now, or after the question under way, since its answer may be older than what made this necessary.
   *
   * @returns {Promise<void>} resolved when the answer has come, or the error
   */
  refresh() {
    this.isWanted = true;
    this.running ??= this.run();
    return this.running;
  }

  /** Asks again in a moment, once for all who want it until then. */
  refreshSoon() {
    this.timers.bunch ??= setTimeout(() => void this.refresh(), BUNCH_MS);
  }

  /** Takes no answer to what was asked before now, and asks that again: the page knows something newer. */
  outdate() {
    const { asking } = this;
    if (!asking) return;
    this.isWanted = true;
    this.asking = undefined;
    asking.abort();
  }

  /** @param {Value} value known here before the server says so */
  set(value) {
    this.outdate();
    this.value = value;
    this.notify();
  }

  /** @param {Answer} answer becomes the value; a store that merges answers overrides this */
  accept(answer) {
    this.value = /** @type {Value} */ (/** @type {unknown} */ (answer));
  }

  async run() {
    await null; // all who want it in one moment share one question
    while (this.isWanted) {
      this.isWanted = false;
      Object.values(this.timers).forEach(clearTimeout);
      this.timers = { bunch: undefined, retry: undefined };
      await this.askOnce();
    }
    this.running = undefined; // here and not in `finally`, which runs later: a refresh in between would be lost
  }

  async askOnce() {
    const asking = (this.asking = new AbortController());
    const lost = setTimeout(() => asking.abort(new DOMException("No answer", "TimeoutError")), this.source.timeoutMs);
    this.askedAt = Date.now();
    try {
      const answer = await this.source.ask(asking.signal);
      if (this.asking !== asking) return;
      this.accept(answer);
      Object.assign(this, { isKnown: true, error: null, failures: 0 });
    } catch (error) {
      if (this.asking !== asking) return;
      this.fail(/** @type {Error} */ (error));
    } finally {
      clearTimeout(lost);
      if (this.asking === asking) this.asking = undefined;
    }
    this.notify();
  }

  /** @param {Error} error */
  fail(error) {
    if (!(error instanceof ServerError)) report(this.name, error);
    this.error = /** @type {ServerError} */ (error);
    const { isPassing, retryMs } = this.source;
    if (!isPassing(error) || !this.observers.size) return; // a panel that is closed asks when it is opened again
    const wait = Math.min(LONGEST_RETRY_MS, retryMs * 2 ** this.failures++);
    this.timers.retry = setTimeout(() => void this.refresh(), wait);
  }
}

/** @param {Error} error */
const isUnreachable = (error) => error instanceof ServerError && error.status === 0;
