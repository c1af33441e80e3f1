/** Our own mask painter: a dialog for any picture, such as a gate's or a pool's. */

import { el, write } from "../dom.js";
import { saveBlob } from "../download.js";
import { say } from "../say.js";
import { useStyles } from "../styles.js";
import { Editor } from "./editor.js";
import { encodeMask, loadMask } from "./files.js";
import { Gestures } from "./gestures.js";
import { catchKeys, listenToKeys } from "./keys.js";
import { Mask } from "./mask.js";
import { Notice } from "./notice.js";
import { Toolbar } from "./toolbar.js";
import { View } from "./view.js";

/**
 * @typedef {object} Options
 * @property {string} title
 * @property {string} picture its address; it may be smaller than the mask
 * @property {string | null} mask the address of the current mask (white = painted, any size), or null
 * @property {number} width of the mask, in pixels
 * @property {number} height
 * @property {number} [frames] of the batch; with more than one, the person chooses whether the mask is for all of them
 * @property {number} [frame] the one that is shown, from 0
 * @property {boolean} [all] whether the mask is for all frames at first
 * @property {(painted: Painted) => Promise<unknown>} [save] saves the mask before the dialog closes; when it fails, the
 *   error's `message` and `hint` are shown and nothing painted is lost
 * @property {(painted: Painted) => void} [keep] keeps the mask for later, where `save` found that it is too late: HTTP 409
 */

/**
 * @typedef {object} Painted
 * @property {Blob} mask a PNG in 8-bit grey, white = painted, width × height
 * @property {boolean} all whether the mask is for all frames
 */

const ZOOM = 1.25;
const GONE = 409; // what the mask was for has ended

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
 * @param {Options} options
 * @returns {Promise<Painted | null>} null when the person cancels
 */
export function openPainter(options) {
  return new Promise((resolve) => new Painter(options, resolve).open());
}

class Painter {
  /** @param {Options} options @param {(painted: Painted | null) => void} resolve */
  constructor(options, resolve) {
    this.options = { frames: 1, frame: 0, all: true, ...options };
    this.resolve = resolve;
    this.closing = new AbortController();
    this.opener = document.activeElement;
    this.isSaving = false;
    const mask = new Mask(options.width, options.height);
    this.view = new View(mask, () => this.tools.showZoom(this.view.scale));
    this.editor = new Editor(mask, this.view, () => this.update());
    this.acts = this.actions();
    this.tools = new Toolbar(this.editor, this.acts);
    this.notice = new Notice();
    this.all = el("input", { type: "checkbox", role: "switch", checked: this.options.all, change: () => this.update() });
    this.save = el("button", { type: "button", class: "ds-button ds-main ds-painter-save", title: say("Save (Enter)"), click: () => this.keep() });
    this.dialog = this.build();
  }

  build() {
    const { title, width, height, frames, frame } = this.options;
    const about = frames > 1 ? `${width} × ${height} · ${say("frame {n} of {all}", { n: frame + 1, all: frames })}` : `${width} × ${height}`;
    const every = el("label", { class: "ds-painter-all", hidden: frames < 2 }, this.all, el("span", {}, say("All {n} frames", { n: frames })));
    const cancel = el("button", { type: "button", class: "ds-button", title: say("Cancel (Esc)"), click: () => this.cancel() }, say("Cancel"));
    const name = el("div", { class: "ds-painter-name" }, el("h2", {}, title), el("span", { class: "ds-painter-about" }, about));
    this.view.element.setAttribute("aria-label", say("The picture. Paint with the mouse, a pen or a finger."));
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
    const { editor, view } = this;
    return {
      brush: () => editor.take(false),
      eraser: () => editor.take(true),
      smaller: () => editor.stepSize(-1),
      larger: () => editor.stepSize(1),
      softer: () => editor.setHardness(editor.hardness - 0.1),
      harder: () => editor.setHardness(editor.hardness + 0.1),
      invert: () => editor.invert(),
      fill: () => editor.fill(255),
      clear: () => editor.fill(0),
      undo: () => editor.undo(),
      redo: () => editor.redo(),
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
    const gestures = new Gestures(this.view.element, this.handlers(), signal);
    listenToKeys(this.dialog, this.acts, (isHeld) => gestures.holdSpace(isHeld), signal);
    const size = new ResizeObserver(() => this.view.measure());
    size.observe(this.view.element);
    signal.addEventListener("abort", () => size.disconnect());
    this.view.measure();
    this.view.element.focus();
    this.update();
    this.load();
  }

  /** @returns {import("./gestures.js").Handlers} */
  handlers() {
    const { editor, view } = this;
    return {
      begin: (point, isErasing) => this.isSaving || editor.begin(point, isErasing),
      extend: (points) => editor.extend(points),
      end: () => editor.end(),
      abandon: () => editor.abandon(),
      pan: (dx, dy) => view.pan(dx, dy),
      zoom: (factor, x, y) => view.zoom(factor, x, y),
      hover: (at) => {
        this.pointer = at;
        view.point(at, editor.size / 2, editor.hardness);
      },
    };
  }

  /** Fetches the picture and the current mask. Painting waits for the mask, which saving would otherwise replace. */
  async load() {
    const { picture, mask } = this.options;
    this.notice.tell(say("Loading…"));
    try {
      this.view.picture.src = picture;
      await Promise.all([this.view.picture.decode(), mask && loadMask(this.editor.mask, mask, this.closing.signal)]);
      this.editor.isReady = true;
      this.notice.clear();
      this.view.redraw(this.editor.mask.whole);
    } catch {
      if (this.closing.signal.aborted) return;
      const text = say("The picture or its mask could not be loaded. Nothing was changed.");
      this.notice.ask(text, [[say("Try again"), () => this.load()]]);
    }
    this.update();
  }

  update() {
    const isBusy = this.isSaving || !this.editor.isReady;
    this.tools.update(isBusy);
    this.save.disabled = isBusy;
    write(this.save, this.isSaving ? say("Saving…") : this.saveLabel());
    this.view.element.setAttribute("aria-busy", String(isBusy));
    if (this.pointer) this.view.point(this.pointer, this.editor.size / 2, this.editor.hardness);
  }

  saveLabel() {
    const { frames, frame } = this.options;
    if (frames < 2) return say("Save");
    return this.all.checked ? say("Save for all") : say("Save for frame {n}", { n: frame + 1 });
  }

  async keep() {
    if (this.isSaving || !this.editor.isReady || this.editor.isDrawing) return;
    this.isSaving = true;
    this.notice.clear();
    this.update();
    /** @type {Painted | undefined} */
    let painted;
    try {
      painted = { mask: await encodeMask(this.editor.mask), all: this.options.frames < 2 || this.all.checked };
      await this.options.save?.(painted);
      this.close(painted);
    } catch (error) {
      this.isSaving = false;
      this.tellRefusal(/** @type {Error & {hint?: string, status?: number}} */ (error), painted);
      this.update();
    }
  }

  /** @param {Error & {hint?: string, status?: number}} error @param {Painted | undefined} painted */
  tellRefusal({ message, hint = "", status }, painted) {
    /** @type {[string, () => void][]} */
    const answers = [[say("Try again"), () => this.keep()]];
    if (painted) answers.push([say("Save to a file"), () => saveBlob(painted.mask, "mask.png")]);
    const { keep } = this.options;
    if (painted && keep && status === GONE) answers.unshift([say("Keep for the next run"), () => this.keepForLater(keep, painted)]);
    this.notice.ask(`${say("The mask was not saved.")} ${message} ${hint}`.trim(), answers);
  }

  /** @param {(painted: Painted) => void} keep @param {Painted} painted */
  keepForLater(keep, painted) {
    this.close(null);
    keep(painted);
  }

  cancel() {
    if (this.isSaving) return;
    if (this.notice.isAsking("discard")) this.notice.clear();
    else if (!this.editor.history.isChanged) this.close(null);
    else this.askToDiscard();
  }

  askToDiscard() {
    const text = say("What you painted has not been saved.");
    this.notice.ask(text, [[say("Keep painting"), () => this.notice.clear()], [say("Discard"), () => this.close(null)]], "discard");
  }

  /** @param {Event} event such as Back on a phone */
  onSystemCancel(event) {
    event.preventDefault();
    this.cancel();
  }

  /** @param {MouseEvent} event after which the focus returns to the picture, so that its keys go on working */
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
