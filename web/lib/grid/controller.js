/** The grid of a node: shows a pool, keeps the selection, and turns what a person does into edits. */

import { el, write } from "../dom.js";
import { guarded } from "../guard.js";
import { thumbUrl } from "../pool/client.js";
import { Bar } from "./bar.js";
import { Cells } from "./cells.js";
import { listenForDrops } from "./drop.js";
import { addFiles, attempt, detach, editLabel, labelNext, paint, removeSelected, saveLabel, undo } from "./edits.js";
import { onGridKey } from "./keys.js";
import { LabelEditor } from "./label.js";
import { layoutFor, sameRow, scrollTo } from "./layout.js";
import { Overlay, emptyStateOf } from "./overlay.js";
import { listenForPointer } from "./pointer.js";
import { Selection } from "./selection.js";
import { ownerOf, statusOf } from "./text.js";
import { GridView } from "./view.js";

/**
 * @typedef {import("../pool/store.js").Pool} Pool
 * @typedef {import("../pool/edits.js").Edit} Edit
 * @typedef {object} Host the node around the grid
 * @property {() => number | undefined} index the node's own `index`; undefined when a wire provides it
 * @property {() => boolean} isProfileMissing whether a profile is wired that is not on this machine
 * @property {() => number} others how many other nodes here show the same pool
 * @property {(id?: string) => void} use shows another pool from now on; a new one without an id
 */

export class GridController {
  /** @param {Host} host */
  constructor(host) {
    this.host = host;
    /** @type {Pool | undefined} */
    this.pool = undefined;
    /** @type {import("../pool/uploads.js").Uploads | undefined} */
    this.uploads = undefined;
    this.selection = new Selection();
    /** @type {number[] | undefined} indices in the pool of what a search has found */
    this.found = undefined;
    this.isMissingProfile = false;
    this.size = { width: 0, height: 0, scale: 1 };
    this.view = new GridView({
      search: guarded("search", () => this.update()),
      add: guarded("add", () => this.choose()),
      label: guarded("label", () => editLabel(this)),
      paint: guarded("paint", () => paint(this)),
      remove: guarded("remove", () => removeSelected(this)),
      detach: guarded("detach", () => detach(this)),
    });
    this.file = el("input", { type: "file", accept: "image/*", multiple: true, hidden: true });
    this.file.addEventListener("change", guarded("files", () => this.take()));
    this.overlay = new Overlay();
    this.bar = new Bar({
      undo: guarded("undo", () => undo(this)),
      stop: guarded("stop", () => this.uploads?.stop()),
      resume: guarded("resume", () => this.uploads?.resume()),
      dismiss: guarded("dismiss", () => (this.uploads?.clear(), this.update())),
    });
    this.editor = new LabelEditor({
      save: guarded("label", (name, text) => saveLabel(this, name, text)),
      next: guarded("label", (step) => labelNext(this, step)),
      closed: () => this.view.viewport.focus({ preventScroll: true }),
    });
    this.view.stage.append(this.overlay.element, this.bar.element, this.editor.element);
    this.view.element.append(this.file);
    this.cells = new Cells(this.view.viewport, (index) => this.itemAt(index));
    this.view.element.addEventListener("keydown", guarded("grid keys", (event) => onGridKey(this, event)));
    listenForPointer(this);
    listenForDrops(this);
    new ResizeObserver(guarded("resize", () => this.update())).observe(this.view.stage);
  }

  // -- drawing

  /** @param {Pool} pool @param {import("../pool/uploads.js").Uploads} uploads */
  use(pool, uploads) {
    if (pool !== this.pool) this.bar.offer("", () => {});
    Object.assign(this, { pool, uploads });
    this.update();
  }

  /** @returns {(import("../pool/client.js").Slot | undefined)[]} */
  get slots() {
    return this.pool?.shown.slots ?? [];
  }

  get query() {
    return this.view.search.value.trim();
  }

  /** @returns {number} pictures in the grid */
  get count() {
    return this.found?.length ?? this.slots.length;
  }

  get isReadOnly() {
    return !this.pool?.isWritable || this.isMissingProfile;
  }

  /** @returns {string[]} names in the order of the grid */
  order() {
    const { slots } = this;
    return this.found ? this.found.map((index) => slots[index]?.image ?? "") : slots.map((slot) => slot?.image ?? "");
  }

  /** Makes everything show the current state. */
  update() {
    const { pool, view } = this;
    if (!pool) return;
    this.isMissingProfile = this.host.isProfileMissing();
    this.search();
    if (pool.state === "ready") this.selection.keep(new Set(this.slots.map((slot) => slot?.image ?? "")));
    this.measure();
    this.cells.update(layoutFor(this.size.width, this.size.height), this.count, this.size.scale);
    this.overlay.update(emptyStateOf(pool, this.overlayContext()));
    if (this.uploads) this.bar.update(this.uploads);
    write(view.status, statusOf(this));
    write(view.owner, ownerOf(this));
    view.element.classList.toggle("ds-grid-read-only", this.isReadOnly);
    const chosen = this.chosen().length;
    view.add.disabled = this.isReadOnly;
    view.label.disabled = view.paint.disabled = this.isReadOnly || chosen !== 1;
    view.remove.disabled = this.isReadOnly || !chosen;
    view.detach.disabled = pool.state !== "ready" || !this.slots.length;
    const cursor = this.cells.cellOf(this.selection.cursor);
    view.viewport.setAttribute("aria-activedescendant", cursor?.id ?? "");
  }

  /** @returns {import("./overlay.js").Context} */
  overlayContext() {
    return {
      isMissingProfile: this.isMissingProfile,
      query: this.query,
      found: this.count,
      add: () => this.choose(),
      startNew: () => this.host.use(),
      clear: () => this.clearSearch(),
      retry: guarded("retry", () => this.pool?.refresh()),
      rebuild: guarded("rebuild", () => attempt(this.pool?.rebuild())),
    };
  }

  search() {
    const query = folded(this.query);
    if (!query) {
      this.found = undefined;
      return;
    }
    this.found = this.slots.flatMap((slot, index) => (slot && folded(slot.label).includes(query) ? [index] : []));
  }

  clearSearch() {
    this.view.search.value = "";
    this.update();
    this.view.viewport.focus({ preventScroll: true });
    this.reveal();
  }

  measure() {
    const { clientWidth: width, clientHeight: height, offsetWidth } = this.view.viewport;
    if (!width || !height) return; // hidden at the moment
    const zoom = this.view.viewport.getBoundingClientRect().width / offsetWidth;
    this.size = { width, height, scale: Math.min(2, zoom * (window.devicePixelRatio || 1)) };
  }

  /** @param {number} index in the grid @returns {import("./cells.js").Item} */
  itemAt(index) {
    const number = this.found ? this.found[index] : index;
    const slot = this.slots[number];
    const name = slot?.image ?? "";
    const isHere = Boolean(name);
    return {
      name,
      number,
      label: slot?.label ?? "",
      masked: Boolean(slot?.mask),
      active: isHere && name === this.pool?.shown.active,
      used: isHere && number === this.usedIndex(),
      selected: isHere && this.selection.has(name),
      cursor: isHere && name === this.selection.cursor,
      url: (size) => (slot && this.pool ? thumbUrl(this.pool.id, slot, size) : ""),
    };
  }

  /** @returns {number} the index of the picture that a run passes on; −1 when only a run can tell */
  usedIndex() {
    const index = this.host.index();
    if (index === undefined) return -1;
    return index < 0 ? this.activeIndex() : Math.min(index, this.slots.length - 1);
  }

  activeIndex() {
    return this.slots.findIndex((slot) => slot?.image === this.pool?.shown.active);
  }

  /** Opens the file dialog. */
  choose() {
    this.file.click();
  }

  /** Adds the files that were chosen. */
  take() {
    const files = [...(this.file.files ?? [])];
    this.file.value = ""; // lets the same file be chosen again
    return addFiles(this, files);
  }

  // -- the keyboard

  /** @returns {string[]} the pictures that buttons and keys act on */
  chosen() {
    return this.selection.inOrder(this.order());
  }

  /** @param {string} key @returns {number | undefined} by how many pictures it moves the cursor */
  stepOf(key) {
    const { columns, pitch } = this.cells.layout;
    const page = columns * Math.max(1, Math.floor(this.size.height / pitch));
    const all = this.slots.length;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    return /** @type {Record<string, number>} */ ({ ...steps, PageUp: -page, PageDown: page, Home: -all, End: all })[key];
  }

  /** @param {number} step @param {{extend?: boolean, only?: boolean}} how */
  moveCursor(step, { extend = false, only = true } = {}) {
    const order = this.order();
    if (!order.length) return;
    const at = order.indexOf(this.selection.cursor);
    const isOneRow = Math.abs(step) > 1 && Math.abs(step) < this.slots.length;
    const wanted = at < 0 ? Math.max(0, order.indexOf(this.pool?.shown.active ?? "")) : at + step;
    if (isOneRow && (wanted < 0 || (wanted >= order.length && sameRow(this.cells.layout, at, order.length - 1)))) return;
    const name = order[Math.min(order.length - 1, Math.max(0, wanted))];
    if (extend) this.selection.range(order, name);
    else if (only) this.selection.only(name);
    else this.selection.cursor = this.selection.anchor = name;
    this.reveal();
    this.update();
  }

  /** Scrolls to the cursor. */
  reveal() {
    const index = this.order().indexOf(this.selection.cursor);
    const { viewport } = this.view;
    if (index >= 0) viewport.scrollTop = scrollTo(this.cells.layout, index, viewport.scrollTop, viewport.clientHeight);
  }

  selectAll() {
    this.selection.all(this.order());
    this.update();
  }

  toggleCursor() {
    if (this.selection.cursor) this.selection.toggle(this.selection.cursor);
    this.update();
  }

  escape() {
    if (this.selection.names.size > 1) this.selection.clear();
    else if (this.query) this.clearSearch();
    else this.view.viewport.blur();
    this.update();
  }
}

/** @param {string} text @returns {string} without case and accents, for comparing */
function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
