/**
 * A pool as this page knows it. Edits show at once and are sent one after the other. The server's answer is the truth; edits
 * that are still on their way are shown on top of it. So two tabs that edit one pool end with the same pictures.
 */

import { ServerError, newId } from "../client.js";
import { Store } from "../store.js";
import { editPool, fetchPool, fetchSince } from "./client.js";

/**
 * @typedef {import("./client.js").Slot} Slot
 * @typedef {import("./client.js").View} View
 * @typedef {import("./edits.js").Content} Content
 * @typedef {import("./edits.js").Edit} Edit
 * @typedef {"loading" | "ready" | "gone" | "corrupt" | "refused" | "unreachable"} State
 */

const FIRST_PAGE = 200; // pictures
const MAX_UNDO = 50;
const REST_DELAY_MS = 300; // the thumbnails in view come before the rest of a large pool
const TIMEOUT_MS = 600_000; // a remote pool of ten thousand pictures takes its time

/** @extends {Store<View, Content>} its value is what the server said */
export class Pool extends Store {
  /** @param {string} id */
  constructor(id) {
    const isPassing = () => false; // the grid offers to try again, and it looks again when the window gets the focus
    const source = { ask: (/** @type {AbortSignal} */ signal) => this.ask(signal), isPassing, timeoutMs: TIMEOUT_MS };
    super("pool", /** @type {Content} */ ({ slots: [], active: "" }), source);
    this.id = id;
    /** @type {State} */
    this.state = "loading";
    /** @type {Content} what is shown: the value, and the edits on their way */
    this.shown = this.value;
    this.revision = -1;
    /** What the server calls the content of the value; "" until all of it is known. */
    this.version = "";
    /** @type {string | null} */
    this.profile = null;
    /** @type {{edit: Edit, operation: string}[]} */
    this.pending = [];
    /** @type {{what: string, edits: Edit[]}[]} what can be undone, the latest last */
    this.history = [];
    this.sending = Promise.resolve();
  }

  /** @override */
  notify() {
    this.shown = this.pending.reduce((content, { edit }) => edit.apply(content), this.value);
    super.notify();
  }

  /** @returns {boolean} whether anything can be changed */
  get isWritable() {
    return this.state === "ready";
  }

  /** @returns {number} how many pictures are known, from the first one on */
  get loaded() {
    const end = this.value.slots.indexOf(undefined);
    return end < 0 ? this.value.slots.length : end;
  }

  /** @param {AbortSignal} signal @returns {Promise<View>} what has changed; else a first page, then the rest */
  async ask(signal) {
    await this.sending;
    if (this.version) return fetchSince(this.id, this.version, signal);
    if (this.revision < 0) return fetchPool(this.id, { limit: FIRST_PAGE, signal });
    const { loaded, revision } = this;
    if (!loaded) return fetchPool(this.id, { signal });
    await new Promise((done) => setTimeout(done, REST_DELAY_MS));
    const rest = await fetchPool(this.id, { offset: loaded, signal });
    if (rest.revision !== revision) return fetchPool(this.id, { signal });
    return { ...rest, offset: 0, slots: [.../** @type {Slot[]} */ (this.value.slots.slice(0, loaded)), ...rest.slots] };
  }

  /** Reads the pool again if its revision is another one. Other programs edit pools without an event. */
  async look() {
    const { revision, count } = await fetchPool(this.id, { limit: 0 }).catch(() => ({ revision: -1, count: -1 }));
    if (revision !== this.revision || count !== this.value.slots.length || this.error) await this.refresh();
  }

  /** @param {Error} error @override */
  fail(error) {
    super.fail(error);
    if (!(error instanceof ServerError)) return;
    this.state = error.status === 422 ? "corrupt" : error.status === 400 ? "refused" : "unreachable";
  }

  /** @param {View} view @override */
  accept(view) {
    if (view.since && view.since !== this.version) return this.readWhole(); // something else came in between
    if (view.profile !== undefined) this.profile = view.profile;
    const { loaded, revision } = this;
    const slots = this.merged(view);
    this.error = null;
    this.state = revision > 0 && view.revision === 0 && !view.count ? "gone" : "ready";
    this.revision = view.revision;
    this.version = slots.includes(undefined) ? "" : (view.version ?? "");
    super.accept(/** @type {any} */ ({ slots, active: slots[view.active]?.image ?? this.value.active }));
    const isProgress = this.revision !== revision || this.loaded > loaded; // else the server has no more to give
    if (isProgress && slots.includes(undefined)) this.refresh();
    return undefined;
  }

  /** @param {View} view @returns {(Slot | undefined)[]} all pictures, as far as they are known together with `view` */
  merged({ slots, count, revision, since, offset, gone = 0 }) {
    const { slots: known } = this.value;
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
   * @param {{remember?: boolean}} [options] whether it can be undone
   * @returns {Promise<void>} fails with a `ServerError`; then the edit is no longer shown
   */
  edit(edit, { remember = true } = {}) {
    const entry = { edit, operation: newId() };
    const edits = remember ? edit.undo(this.shown, entry.operation) : [];
    this.pending.push(entry);
    this.notify();
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
      this.outdate(); // what was asked before this answer may be older
      this.settle(operation);
      if (view.revision >= this.revision) this.accept(view);
    } catch (error) {
      this.settle(operation);
      this.refresh();
      throw error;
    } finally {
      this.notify();
    }
  }

  /** @param {string} operation */
  settle(operation) {
    this.pending = this.pending.filter((entry) => entry.operation !== operation);
  }

  /** @param {string} what @param {Edit[]} edits */
  remember(what, edits) {
    this.history = [...this.history.slice(1 - MAX_UNDO), { what, edits }];
    this.notify();
  }

  /** Undoes the latest edit of this page. @returns {Promise<boolean>} whether there was one */
  async undo() {
    await this.sending; // an edit on its way is the latest
    const last = this.history.at(-1);
    if (!last) return false;
    this.history = this.history.slice(0, -1);
    await Promise.all(last.edits.map((edit) => this.edit(edit, { remember: false })));
    return true;
  }

  /** Makes a new manifest in place of one that cannot be read. */
  async rebuild() {
    const view = await editPool("rebuild", { pool_id: this.id });
    this.outdate();
    this.accept(view);
    this.notify();
    this.refresh();
  }
}
