/**
 * A pool as this page knows it. Edits show at once and are sent one after the other; what the server answers is the truth,
 * and edits that are still under way are shown on top of it. So two tabs that edit one pool both end with the same pictures.
 */

import { ServerError } from "../client.js";
import { editPool, fetchPool, fetchSince } from "./client.js";
import { newId } from "./node.js";

/**
 * @typedef {import("./client.js").Slot} Slot
 * @typedef {import("./client.js").View} View
 * @typedef {import("./edits.js").Content} Content
 * @typedef {import("./edits.js").Edit} Edit
 * @typedef {"loading" | "ready" | "gone" | "corrupt" | "refused" | "unreachable"} State
 */

const FIRST_PAGE = 200;
const MOST_UNDO = 50;
const BREATH = 300; // milliseconds for the pictures in view, before the rest of a large pool is asked for

export class Pool {
  /** @param {string} id */
  constructor(id) {
    this.id = id;
    /** @type {State} */
    this.state = "loading";
    /** @type {ServerError | undefined} why it cannot be shown, or shown anew */
    this.trouble = undefined;
    /** @type {Content} what the server has said */
    this.base = { slots: [], active: "" };
    /** @type {Content} what is shown: that, and the edits under way */
    this.shown = this.base;
    this.revision = -1;
    /** What the server calls the content of `base`; "" while that is not all of it. */
    this.version = "";
    /** @type {string | null} */
    this.profile = null;
    /** @type {{edit: Edit, operation: string}[]} */
    this.pending = [];
    /** @type {{what: string, edits: Edit[]}[]} what can be taken back, the latest last */
    this.history = [];
    /** @type {Set<() => void>} */
    this.observers = new Set();
    this.sending = Promise.resolve();
    this.answers = 0;
    this.wanted = false;
    /** @type {Promise<void> | undefined} */
    this.reading = undefined;
  }

  /** @param {() => void} observer @returns {() => void} ends it */
  subscribe(observer) {
    this.observers.add(observer);
    return () => this.observers.delete(observer);
  }

  /** Shows what is known now. */
  show() {
    this.shown = this.pending.reduce((content, { edit }) => edit.apply(content), this.base);
    this.observers.forEach((observer) => observer());
  }

  /** @returns {boolean} whether anything can be changed */
  get isWritable() {
    return this.state === "ready";
  }

  /** Reads the pool again: now, or once the reading under way has ended. */
  refresh() {
    this.wanted = true;
    this.reading ??= this.readWhileWanted().finally(() => (this.reading = undefined));
    return this.reading;
  }

  async readWhileWanted() {
    while (this.wanted) {
      this.wanted = false;
      await this.sending;
      try {
        await this.read();
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
        this.fail(error);
      }
    }
  }

  async read() {
    const { answers } = this;
    const first = await this.ask();
    // What was asked before an edit was answered may be older than that answer.
    if (answers !== this.answers) return this.readAgain();
    this.accept(first);
    if (first.since || first.slots.length === first.count) return undefined;
    await new Promise((done) => setTimeout(done, BREATH));
    const rest = await fetchPool(this.id, first.slots.length);
    if (answers !== this.answers || rest.revision !== first.revision) return this.readAgain();
    return this.accept({ ...rest, slots: [...first.slots, ...rest.slots] });
  }

  /** @returns {Promise<View>} a first page of what is not known at all; else what has changed, or everything */
  ask() {
    if (this.version) return fetchSince(this.id, this.version);
    return fetchPool(this.id, 0, this.revision < 0 ? FIRST_PAGE : undefined);
  }

  readAgain() {
    this.wanted = true;
  }

  /** Reads the pool again if its revision is another one. */
  async look() {
    const { revision, count } = await fetchPool(this.id, 0, 0).catch(() => ({ revision: -1, count: -1 }));
    if (revision !== this.revision || count !== this.base.slots.length || this.trouble) await this.refresh();
  }

  /** @param {ServerError} error */
  fail(error) {
    this.trouble = error;
    this.state = error.status === 422 ? "corrupt" : error.status === 400 ? "refused" : "unreachable";
    this.show();
  }

  /** @param {View} view */
  accept(view) {
    if (view.since && view.since !== this.version) return this.readWhole(); // something else came in between
    if (view.profile !== undefined) this.profile = view.profile;
    const wasThere = this.revision > 0;
    const slots = this.merged(view);
    this.trouble = undefined;
    this.state = wasThere && view.revision === 0 && !view.count ? "gone" : "ready";
    this.revision = view.revision;
    this.version = slots.includes(undefined) ? "" : (view.version ?? "");
    this.base = { slots, active: slots[view.active]?.image ?? this.base.active };
    return this.show();
  }

  /** @param {View} view @returns {(Slot | undefined)[]} all pictures, as far as they are known with what came now */
  merged({ slots, count, revision, since, offset, gone = 0 }) {
    const { slots: known } = this.base;
    if (since) return known.toSpliced(offset, gone, ...slots);
    const isSame = revision === this.revision && known.length === count && slots.length < count;
    return isSame ? known : [...slots, ...Array(count - slots.length).fill(undefined)];
  }

  readWhole() {
    this.version = "";
    this.refresh();
  }

  /**
   * Changes the pool.
   *
   * @param {Edit} edit
   * @param {{remember?: boolean}} [options] whether it can be taken back
   * @returns {Promise<void>} fails with a `ServerError`; then the edit is gone from what is shown
   */
  edit(edit, { remember = true } = {}) {
    const entry = { edit, operation: newId() };
    const edits = remember ? edit.undo(this.shown, entry.operation) : [];
    this.pending.push(entry);
    this.show();
    const done = this.sending.then(() => this.send(entry)).then(() => {
      if (edits.length) this.remember(edit.what, edits);
    });
    this.sending = done.catch(() => {});
    return done;
  }

  /** @param {{edit: Edit, operation: string}} entry */
  async send({ edit, operation }) {
    try {
      const rest = { operation, since: this.version };
      const view = await (edit.send?.(this.id, rest) ?? editPool(edit.path, { pool_id: this.id, ...rest, ...edit.body }));
      this.answers++;
      this.settle(operation);
      if (view.revision >= this.revision) this.accept(view);
    } catch (error) {
      this.settle(operation);
      this.show();
      this.refresh();
      throw error;
    }
  }

  /** @param {string} operation */
  settle(operation) {
    this.pending = this.pending.filter((entry) => entry.operation !== operation);
  }

  /** @param {string} what @param {Edit[]} edits */
  remember(what, edits) {
    this.history = [...this.history.slice(1 - MOST_UNDO), { what, edits }];
    this.show();
  }

  /** Takes back the latest edit of this page. @returns {Promise<boolean>} whether there was one */
  async undo() {
    await this.sending; // what is under way is the latest
    const last = this.history.at(-1);
    if (!last) return false;
    this.history = this.history.slice(0, -1);
    await Promise.all(last.edits.map((edit) => this.edit(edit, { remember: false })));
    return true;
  }

  /** Makes a manifest anew that cannot be read. */
  async rebuild() {
    this.accept(await editPool("rebuild", { pool_id: this.id }));
    this.refresh();
  }
}
