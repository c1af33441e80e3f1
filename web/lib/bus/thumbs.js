/** Small pictures on demand: a few at a time, and none for rows that have gone out of sight. */

/** @typedef {import("./client.js").Thumb} Thumb */
/** @typedef {{key: string, since: number, load: (signal: AbortSignal) => Promise<Thumb>, done: (thumb: Thumb | null) => void, abort: AbortController}} Job */

const AT_ONCE = 4;
const MOST_KEPT = 300;
const SETTLE_MS = 100; // rows that only scroll past are not asked for

export class Thumbs {
  constructor() {
    /** @type {Map<string, Thumb>} least recently shown first */
    this.known = new Map();
    /** @type {Job[]} */
    this.waiting = [];
    this.busy = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.soon = undefined;
  }

  /**
   * @param {string} key changes whenever the picture does
   * @returns {Thumb | undefined}
   */
  get(key) {
    const thumb = this.known.get(key);
    if (thumb) this.known.delete(key), this.known.set(key, thumb);
    return thumb;
  }

  /**
   * @param {string} key
   * @param {Job["load"]} load
   * @param {Job["done"]} done called with null without a picture
   * @returns {() => void} cancels the request
   */
  request(key, load, done) {
    const job = { key, since: performance.now(), load, done, abort: new AbortController() };
    this.waiting.push(job);
    this.wait(SETTLE_MS);
    return () => {
      this.waiting = this.waiting.filter((other) => other !== job);
      job.abort.abort();
    };
  }

  /** @param {number} time in milliseconds */
  wait(time) {
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      this.begin();
    }, time);
  }

  begin() {
    while (this.busy < AT_ONCE && this.waiting.length) {
      const age = performance.now() - this.waiting[0].since;
      if (age < SETTLE_MS) return this.wait(SETTLE_MS - age);
      const job = /** @type {Job} */ (this.waiting.shift());
      this.busy++;
      this.run(job).finally(() => {
        this.busy--;
        this.begin();
      });
    }
    return undefined;
  }

  /** @param {Job} job */
  async run({ key, load, done, abort }) {
    const thumb = this.get(key) ?? (await load(abort.signal).catch(() => null));
    if (thumb) this.keep(key, thumb);
    if (!abort.signal.aborted) done(thumb);
  }

  /** @param {string} key @param {Thumb} thumb */
  keep(key, thumb) {
    this.known.set(key, thumb);
    for (const [oldest, { url }] of this.known) {
      if (this.known.size <= MOST_KEPT) return;
      this.known.delete(oldest);
      URL.revokeObjectURL(url);
    }
  }
}
