/**
 * Pictures on their way into a pool. Each request has a few of them, so that the progress is real and stopping keeps what has
 * arrived.
 */

import { ServerError, newId } from "../client.js";
import { Observable } from "../store.js";
import { addPictures } from "./client.js";
import { sizeOf } from "./pictures.js";

/** @typedef {import("./client.js").Refusal} Refusal */
/** @typedef {import("./pictures.js").Picture} Picture */

const MAX_FILES = 8; // in a request
const MAX_BYTES = 24e6;

export class Uploads extends Observable {
  /** @param {import("./store.js").Pool} pool */
  constructor(pool) {
    super("uploads");
    this.pool = pool;
    /** @type {AbortController | undefined} while files are being sent */
    this.running = undefined;
    /** @type {Picture[]} not sent, or not answered yet */
    this.left = [];
    /** @type {{pictures: Picture[], operation: string} | undefined} the current request; sent again, it counts once */
    this.request = undefined;
    this.total = 0;
    this.bytes = 0;
    /** @type {number} */
    this.sentBytes = 0;
    /** @type {string[]} names of what was added */
    this.added = [];
    /** @type {Refusal[]} */
    this.errors = [];
    /** @type {ServerError | undefined} why it ended early */
    this.error = undefined;
    this.wasStopped = false;
  }

  /** Forgets what happened. */
  clear() {
    Object.assign(this, { left: [], request: undefined, total: 0, bytes: 0, sentBytes: 0, added: [], errors: [] });
    Object.assign(this, { error: undefined, wasStopped: false });
    this.notify();
  }

  /** @returns {number} from 0 to 1 */
  get progress() {
    return this.bytes ? Math.min(1, this.sentBytes / this.bytes) : 0;
  }

  /** @returns {number} files that were added or refused */
  get done() {
    return Math.min(this.total, this.added.length + this.errors.length);
  }

  /** @returns {boolean} whether it was stopped, but the current request has not ended yet */
  get isStopping() {
    return Boolean(this.running?.signal.aborted);
  }

  /** @param {Picture[]} pictures @param {Refusal[]} [refused] files that could not even be read */
  async add(pictures, refused = []) {
    if (!this.running) this.clear();
    this.errors.push(...refused);
    this.left.push(...pictures);
    this.total += pictures.length + refused.length;
    this.bytes += sizeOf(pictures);
    if (!this.running) await this.run();
    this.notify();
  }

  /** Sends what was left when the server could not be reached or the person stopped it. */
  async resume() {
    this.error = undefined;
    this.wasStopped = false;
    await this.run();
  }

  stop() {
    this.wasStopped = Boolean(this.left.length);
    this.running?.abort();
    this.notify();
  }

  async run() {
    const controller = new AbortController();
    this.running = controller;
    try {
      while (this.left.length && !controller.signal.aborted) await this.sendNext(controller.signal);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      if (!controller.signal.aborted) this.error = error;
    } finally {
      this.running = undefined;
      this.notify();
      await this.pool.refresh();
    }
  }

  /** @param {AbortSignal} signal */
  async sendNext(signal) {
    this.request ??= { pictures: nextChunk(this.left), operation: newId() };
    const { pictures, operation } = this.request;
    const before = this.sentBytes;
    const size = sizeOf(pictures);
    const progress = (/** @type {number} */ share) => {
      this.sentBytes = before + share * size;
      this.notify();
    };
    try {
      const answer = await addPictures(this.pool.id, pictures, { operation, signal, progress });
      this.request = undefined;
      if (!answer) return;
      this.left.splice(0, pictures.length);
      this.added.push(...answer.added);
      this.errors.push(...answer.errors);
    } finally {
      this.sentBytes = this.bytes - sizeOf(this.left);
      this.notify();
    }
  }
}

/**
 * @param {Picture[]} pictures
 * @returns {Picture[]} the first few
 */
function nextChunk(pictures) {
  let bytes = 0;
  const end = pictures.findIndex((picture, index) => {
    bytes += sizeOf([picture]);
    return index > 0 && (index === MAX_FILES || bytes > MAX_BYTES);
  });
  return pictures.slice(0, end < 0 ? pictures.length : end);
}
