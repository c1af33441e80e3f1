/** Our own mask painter: a dialog over everything, for a gate's picture, a pool's, or whoever else has one. */

import { el, write } from "../dom.js";
import { encodeMask, loadMask } from "./files.js";
import { Gestures } from "./gestures.js";
import { catchKeys, listenToKeys } from "./keys.js";
import { Mask } from "./mask.js";
import { Notice } from "./notice.js";
import { Toolbar } from "./toolbar.js";
import { View } from "./view.js";
import { Work } from "./work.js";
import { useStyles } from "../styles.js";

/**
 * @typedef {object} Order what to paint
 * @property {string} title
 * @property {string} picture its address; it may be smaller than the mask
 * @property {string | null} mask the address of the mask to begin with (white = painted, any size), or null
 * @property {number} width of the mask, in pixels
 * @property {number} height
 * @property {number} [frames] of the batch; with more than one, the person says whether the mask is for all of them
 * @property {number} [frame] which of them is shown, from 0
 * @property {boolean} [all] whether it begins as one for all frames
 * @property {(painted: Painted) => Promise<unknown>} [save] puts it where it belongs before the dialog closes; when that
 *   fails, the error's `message` and `hint` are shown and nothing painted is lost
 */

/**
 * @typedef {object} Painted
 * @property {Blob} mask a PNG in 8-bit grey, white = painted, width × height
 * @property {boolean} all whether it is for all frames
 */

const ZOOM = 1.25;

/**
 * Links the style sheets and listens for keys. Every extension whose node opens the painter calls this while its module is
 * loaded: the painter then never opens without its styles, and its listeners for keys come before those of others.
 */
export function preparePainter() {
  useStyles(import.meta.url, "../../painter.css", "./tools.css");
  catchKeys();
}

/**
 * Lets a person paint a mask.
 *
 * @param {Order} order
 * @returns {Promise<Painted | null>} null when nothing shall change
 */
export function openPainter(order) {
  return new Promise((resolve) => new Painter(order, resolve).open());
}

class Painter {
  /** @param {Order} order @param {(painted: Painted | null) => void} resolve */
  constructor(order, resolve) {
    this.order = { frames: 1, frame: 0, all: true, ...order };
    this.resolve = resolve;
    this.closing = new AbortController();
    this.opener = document.activeElement;
    this.isSaving = false;
    const mask = new Mask(order.width, order.height);
    this.view = new View(mask, () => this.tools.showZoom(this.view.scale));
    this.work = new Work(mask, this.view, () => this.update());
    this.acts = this.actions();
    this.tools = new Toolbar(this.work, this.acts);
    this.notice = new Notice();
    this.all = el("input", { type: "checkbox", role: "switch", checked: this.order.all, change: () => this.update() });
    this.save = el("button", { type: "button", class: "ds-button ds-main ds-painter-save", title: "Save (Enter)", click: () => this.keep() });
    this.dialog = this.build();
  }

  build() {
    const { title, width, height, frames, frame } = this.order;
    const about = frames > 1 ? `${width} × ${height} · frame ${frame + 1} of ${frames}` : `${width} × ${height}`;
    const every = el("label", { class: "ds-painter-all", hidden: frames < 2 }, this.all, el("span", {}, `All ${frames} frames`));
    const cancel = el("button", { type: "button", class: "ds-button", title: "Cancel (Esc)", click: () => this.cancel() }, "Cancel");
    const name = el("div", { class: "ds-painter-name" }, el("h2", {}, title), el("span", { class: "ds-painter-about" }, about));
    this.view.element.setAttribute("aria-label", "The picture. Paint with the mouse, a pen or a finger.");
    return el(
      "dialog",
      { class: "ds-root ds-window ds-painter", "aria-label": title, "data-testid": "datasete-painter" },
      el("header", { class: "ds-painter-head" }, name, every, cancel, this.save),
      this.tools.element,
      this.view.element,
      this.notice.element,
    );
  }

  /** @returns {Record<string, () => void>} what buttons and keys can do */
  actions() {
    const { work, view } = this;
    return {
      brush: () => work.take(false),
      eraser: () => work.take(true),
      smaller: () => work.stepSize(-1),
      larger: () => work.stepSize(1),
      softer: () => work.setHardness(work.hardness - 0.1),
      harder: () => work.setHardness(work.hardness + 0.1),
      invert: () => work.invert(),
      fill: () => work.fill(255),
      clear: () => work.fill(0),
      undo: () => work.undo(),
      redo: () => work.redo(),
      closer: () => view.zoom(ZOOM),
      farther: () => view.zoom(1 / ZOOM),
      fit: () => view.fit(),
      save: () => this.keep(),
      cancel: () => this.cancel(),
    };
  }

  open() {
    const { signal } = this.closing;
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.dialog.addEventListener("cancel", (event) => this.onSystemCancel(event), { signal });
    this.dialog.addEventListener("close", () => this.close(null), { signal });
    this.dialog.addEventListener("click", (event) => this.giveFocusBack(event), { signal });
    for (const name of ["copy", "cut", "paste", "drop", "dragover", "wheel"]) {
      this.dialog.addEventListener(name, (event) => event.stopPropagation(), { signal });
    }
    const gestures = new Gestures(this.view.element, this.hands(), signal);
    listenToKeys(this.dialog, this.acts, (isHeld) => gestures.holdSpace(isHeld), signal);
    const size = new ResizeObserver(() => this.view.measure());
    size.observe(this.view.element);
    signal.addEventListener("abort", () => size.disconnect());
    this.view.measure();
    this.view.element.focus();
    this.update();
    this.load();
  }

  /** @returns {import("./gestures.js").Hands} */
  hands() {
    const { work, view } = this;
    return {
      begin: (point, isErasing) => this.isSaving || work.begin(point, isErasing),
      extend: (points) => work.extend(points),
      end: () => work.end(),
      abandon: () => work.abandon(),
      pan: (dx, dy) => view.pan(dx, dy),
      zoom: (factor, x, y) => view.zoom(factor, x, y),
      hover: (at) => {
        this.pointer = at;
        view.point(at, work.size / 2, work.hardness);
      },
    };
  }

  /** Fetches the picture and the mask so far; without the latter nobody paints, or it would be lost. */
  async load() {
    const { picture, mask } = this.order;
    this.notice.say("Loading…");
    try {
      this.view.picture.src = picture;
      await Promise.all([this.view.picture.decode(), mask && loadMask(this.work.mask, mask, this.closing.signal)]);
      this.work.isReady = true;
      this.notice.clear();
      this.view.redraw(this.work.mask.whole);
    } catch {
      if (this.closing.signal.aborted) return;
      const text = "The picture, or the mask so far, could not be loaded. Nothing was changed.";
      this.notice.ask(text, [["Try again", () => this.load()]]);
    }
    this.update();
  }

  update() {
    const isBusy = this.isSaving || !this.work.isReady;
    this.tools.update(isBusy);
    this.save.disabled = isBusy;
    write(this.save, this.isSaving ? "Saving…" : this.saveLabel());
    this.view.element.setAttribute("aria-busy", String(isBusy));
    if (this.pointer) this.view.point(this.pointer, this.work.size / 2, this.work.hardness);
  }

  saveLabel() {
    const { frames, frame } = this.order;
    if (frames < 2) return "Save";
    return this.all.checked ? "Save for all" : `Save for frame ${frame + 1}`;
  }

  async keep() {
    if (this.isSaving || !this.work.isReady || this.work.isDrawing) return;
    this.isSaving = true;
    this.notice.clear();
    this.update();
    try {
      const painted = { mask: await encodeMask(this.work.mask), all: this.order.frames < 2 || this.all.checked };
      await this.order.save?.(painted);
      this.close(painted);
    } catch (error) {
      const { message, hint = "" } = /** @type {Error & {hint?: string}} */ (error);
      this.isSaving = false;
      this.notice.ask(`The mask was not saved. ${message} ${hint}`.trim(), [["Try again", () => this.keep()]]);
      this.update();
    }
  }

  cancel() {
    if (this.isSaving) return;
    if (this.notice.isAsking("discard")) this.notice.clear();
    else if (!this.work.history.isChanged) this.close(null);
    else this.askToDiscard();
  }

  askToDiscard() {
    const text = "What you painted is not saved.";
    this.notice.ask(text, [["Keep painting", () => this.notice.clear()], ["Discard", () => this.close(null)]], "discard");
  }

  /** @param {Event} event such as Back on a phone */
  onSystemCancel(event) {
    event.preventDefault();
    this.cancel();
  }

  /** @param {MouseEvent} event a button that was clicked does not keep the keyboard */
  giveFocusBack(event) {
    const isPointer = event.detail > 0;
    const isControl = event.target instanceof Element && event.target.closest("button, .ds-painter-all");
    if (isPointer && isControl && this.dialog.open) this.view.element.focus({ preventScroll: true });
  }

  /** @param {Painted | null} painted */
  close(painted) {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    this.view.stop();
    this.dialog.close();
    this.dialog.remove();
    if (this.opener instanceof HTMLElement && this.opener.isConnected) this.opener.focus({ preventScroll: true });
    this.resolve(painted);
  }
}
