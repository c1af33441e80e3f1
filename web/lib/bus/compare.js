/** Two versions of a slot: side by side, or one over the other with a divider between them, zoomed and moved together. */

import { pictureUrl } from "./client.js";
import { facts, moment, origin, since } from "./text.js";
import { el, write } from "../dom.js";
import { say } from "../say.js";
import { Zoom } from "../zoom.js";
import { listenToZoom, zoomByKey } from "../zoom_input.js";
import { guarded } from "../guard.js";
import { button, iconButton } from "../ui.js";

/** @typedef {import("./client.js").Slot} Slot */
/** @typedef {import("./client.js").Version} Version */
/** @typedef {"slider" | "sides"} Mode */

const SHARE_STEP = 0.02; // of the width, that an arrow key moves the divider
const SHARE_LEAP = 0.1;

/**
 * @param {Slot} slot
 * @param {Version[]} versions
 * @param {string} version the version that is compared with the current picture
 */
export const openCompare = guarded("compare", (/** @type {Slot} */ slot, /** @type {Version[]} */ versions, /** @type {string} */ version) => {
  const compare = new Compare(slot, versions, version);
  document.body.append(compare.element);
  compare.element.showModal();
  compare.fit();
});

class Compare {
  /**
   * @param {Slot} slot
   * @param {Version[]} versions
   * @param {string} version
   */
  constructor(slot, versions, version) {
    this.slot = slot;
    this.versions = versions;
    this.zoom = new Zoom(() => this.place());
    this.panes = [new Pane(slot.id, version, () => this.measure()), new Pane(slot.id, "", () => this.measure())];
    this.divider = new Divider((share) => this.stage.style.setProperty("--ds-bus-share", `${100 * share}%`));
    this.stage = el("div", { class: "ds-bus-stage" }, ...this.panes.map(({ element }) => element), this.divider.element);
    this.percent = el("output", { class: "ds-bus-percent", "aria-label": say("Zoom") });
    this.element = el("dialog", { class: "ds-root ds-window ds-bus-compare", "aria-label": say("Versions of “{id}” compared", { id: slot.id }) }, this.head(), this.stage);
    this.element.addEventListener("close", () => this.close());
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    listenToZoom(this.stage, this.zoom);
    this.watcher = new ResizeObserver(() => this.fit());
    this.watcher.observe(this.stage);
    this.setMode("slider");
  }

  head() {
    const [left, right] = this.panes.map((pane, side) => this.choice(pane, side ? say("Right picture") : say("Left picture")));
    this.modes = { slider: button("Slider", () => this.setMode("slider")), sides: button("Side by side", () => this.setMode("sides")) };
    const tools = el(
      "div",
      { class: "ds-panel-tools" },
      iconButton("pi pi-search-minus", "Zoom out", () => this.zoom.by(0.8)),
      this.percent,
      iconButton("pi pi-search-plus", "Zoom in", () => this.zoom.by(1.25)),
      iconButton("pi pi-arrows-alt", "Fit, or actual size", () => this.zoom.toggle()),
    );
    const modes = el("div", { class: "ds-bus-modes", role: "group", "aria-label": say("Layout") }, ...Object.values(this.modes));
    const close = iconButton("pi pi-times", "Close", () => this.element.close());
    return el("header", { class: "ds-bus-compare-head" }, left, right, modes, tools, close);
  }

  /** @param {Pane} pane @param {string} label */
  choice(pane, label) {
    const select = el("select", { class: "ds-field ds-bus-choice", "aria-label": label, change: () => pane.show(select.value) });
    const now = { ...this.slot, width: 0, height: 0, frames: 1 };
    select.append(el("option", { value: "", title: facts(now) }, say("Now · {age}", { age: since(this.slot.since) })));
    for (const version of this.versions) {
      const then = 1000 * version.created;
      select.append(el("option", { value: version.version, title: `${moment(then)} · ${facts(version)}` }, `${origin(version)} ${since(then)}`));
    }
    select.value = pane.version;
    return select;
  }

  /** @param {Mode} mode */
  setMode(mode) {
    this.mode = mode;
    this.stage.dataset.mode = mode;
    for (const [name, option] of Object.entries(this.modes ?? {})) option.setAttribute("aria-pressed", String(name === mode));
    this.fit();
  }

  /** Both are shown at the size of the larger one. */
  measure() {
    const sizes = this.panes.map(({ image }) => ({ width: image.naturalWidth, height: image.naturalHeight }));
    const [largest] = sizes.filter(({ width }) => width).sort((one, other) => other.width - one.width);
    if (largest) this.zoom.show(largest);
  }

  fit() {
    const { clientWidth, clientHeight } = this.panes[0].element;
    this.zoom.resize(clientWidth, clientHeight, devicePixelRatio);
  }

  place() {
    const { scale, x, y, picture, actual } = this.zoom;
    for (const { image } of this.panes) {
      Object.assign(image.style, { width: `${picture.width * scale}px`, height: `${picture.height * scale}px` });
      image.style.transform = `translate(${x}px, ${y}px)`;
      image.classList.toggle("ds-bus-pixels", scale > 2 * actual);
    }
    write(this.percent, `${Math.round((100 * scale) / actual)} %`);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    event.stopPropagation(); // ComfyUI has shortcuts for the same keys
    if (/** @type {Element} */ (event.target).closest("select, [role='slider']")) return;
    if (zoomByKey(event, this.zoom)) event.preventDefault();
  }

  close() {
    this.watcher.disconnect();
    this.element.remove();
  }
}

/** One of the two pictures. */
class Pane {
  /**
   * @param {string} id
   * @param {string} version
   * @param {() => void} loaded
   */
  constructor(id, version, loaded) {
    this.id = id;
    this.note = el("p", { class: "ds-bus-note", role: "status" });
    this.image = el("img", { class: "ds-bus-whole", alt: "", draggable: false, load: loaded, error: () => this.fail() });
    this.image.addEventListener("load", () => write(this.note, ""));
    this.element = el("div", { class: "ds-bus-pane" }, this.image, this.note);
    this.version = version;
    this.show(version);
  }

  /** @param {string} version */
  show(version) {
    this.version = version;
    write(this.note, say("Loading…"));
    this.image.src = pictureUrl(this.id, version);
  }

  fail() {
    write(this.note, say("This picture could not be loaded. It may have been pruned; open the history again."));
  }
}

/** The line between the two: dragged with mouse, pen or finger, or moved with the arrow keys. */
class Divider {
  /** @param {(share: number) => void} moved called with the share of the width that lies left of it */
  constructor(moved) {
    this.moved = moved;
    this.share = 0.5;
    this.element = el(
      "button",
      { class: "ds-bus-divider", type: "button", role: "slider", autofocus: true, "aria-label": say("Divider between left and right picture") },
      el("i", { class: "pi pi-arrows-h", "aria-hidden": "true" }),
    );
    this.element.setAttribute("aria-orientation", "horizontal");
    this.element.setAttribute("aria-valuemin", "0");
    this.element.setAttribute("aria-valuemax", "100");
    this.element.addEventListener("pointerdown", (event) => this.grab(event));
    this.element.addEventListener("pointermove", (event) => this.drag(event));
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    queueMicrotask(() => this.to(this.share));
  }

  /** @param {number} share */
  to(share) {
    this.share = Math.min(Math.max(share, 0), 1);
    this.element.setAttribute("aria-valuenow", String(Math.round(100 * this.share)));
    this.moved(this.share);
  }

  /** @param {PointerEvent} event */
  grab(event) {
    event.stopPropagation();
    this.element.setPointerCapture(event.pointerId);
    this.element.focus();
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const stage = this.element.parentElement?.getBoundingClientRect();
    if (!stage || !this.element.hasPointerCapture(event.pointerId)) return;
    this.to((event.clientX - stage.left) / stage.width);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const step = event.shiftKey ? SHARE_LEAP : SHARE_STEP;
    const target = /** @type {Record<string, number>} */ ({
      ArrowLeft: this.share - step,
      ArrowDown: this.share - step,
      ArrowRight: this.share + step,
      ArrowUp: this.share + step,
      PageDown: this.share - SHARE_LEAP,
      PageUp: this.share + SHARE_LEAP,
      Home: 0,
      End: 1,
    })[event.key];
    if (target === undefined) return;
    this.to(target);
    event.preventDefault();
    event.stopPropagation();
  }
}
