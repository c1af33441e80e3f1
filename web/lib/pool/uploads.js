/**
 * Pictures on their way into a pool: a few in each request, so that the progress is real, one bad file costs nobody else's
 * place, and stopping keeps what has arrived.
 */

import { ServerError } from "../client.js";
import { newId } from "./node.js";
import { sizeOf } from "./pictures.js";
import { sendPictures } from "./upload_request.js";

/** @typedef {import("./client.js").Refusal} Refusal */
/** @typedef {import("./pictures.js").Picture} Picture */

const MOST_FILES = 8;
const MOST_BYTES = 24e6;

export class Uploads {
  /** @param {import("./model.js").Pool} pool */
  constructor(pool) {
    this.pool = pool;
    /** @type {Set<() => void>} */
    this.observers = new Set();
    /** @type {AbortController | undefined} there while files are being sent */
    this.running = undefined;
    /** @type {Picture[]} not sent yet, or not answered yet */
    this.left = [];
    /** @type {{pictures: Picture[], operation: string} | undefined} the request under way; sent again, it counts once */
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
    this.trouble = undefined;
    this.wasStopped = false;
  }

  /** Forgets what happened. */
  clear() {
    Object.assign(this, { left: [], request: undefined, total: 0, bytes: 0, sentBytes: 0, added: [], errors: [] });
    Object.assign(this, { trouble: undefined, wasStopped: false });
    this.show();
  }

  show() {
    this.observers.forEach((observer) => observer());
  }

  /** @returns {number} from 0 to 1 */
  get progress() {
    return this.bytes ? Math.min(1, this.sentBytes / this.bytes) : 0;
  }

  /** @returns {number} files that are in the pool, or refused */
  get done() {
    return Math.min(this.total, this.added.length + this.errors.length);
  }

  /** @returns {boolean} whether it was stopped, and what is under way has not ended yet */
  get isStopping() {
    return Boolean(this.running?.signal.aborted);
  }

  /** @param {Picture[]} pictures @param {Refusal[]} [refused] what could not even be read */
  async add(pictures, refused = []) {
    if (!this.running) this.clear();
    this.errors.push(...refused);
    this.left.push(...pictures);
    this.total += pictures.length + refused.length;
    this.bytes += sizeOf(pictures);
    if (!this.running) await this.run();
    this.show();
  }

  /** Sends what was left when the server could not be reached, or when it was stopped. */
  async resume() {
    this.trouble = undefined;
    this.wasStopped = false;
    await this.run();
  }

  stop() {
    this.wasStopped = Boolean(this.left.length);
    this.running?.abort();
    this.show();
  }

  async run() {
    const controller = new AbortController();
    this.running = controller;
    try {
      while (this.left.length && !controller.signal.aborted) await this.sendNext(controller.signal);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      if (!controller.signal.aborted) this.trouble = error;
    } finally {
      this.running = undefined;
      this.show();
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
      this.show();
    };
    try {
      const answer = await sendPictures(this.pool.id, pictures, { operation, signal, progress });
      this.request = undefined;
      if (!answer) return;
      this.left.splice(0, pictures.length);
      this.added.push(...answer.added);
      this.errors.push(...answer.errors);
    } finally {
      this.sentBytes = this.bytes - sizeOf(this.left);
      this.show();
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
    return index > 0 && (index === MOST_FILES || bytes > MOST_BYTES);
  });
  return pictures.slice(0, end < 0 ? pictures.length : end);
}
