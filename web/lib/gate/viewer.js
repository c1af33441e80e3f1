/**
 * The waiting picture as large as the window: zoom, pan and frames, with the routes below it, so that a person can decide
 * without closing it and a phone has buttons for thumbs. It is a native dialog because that keeps the focus and returns it.
 */

import { el, write } from "../dom.js";
import { say } from "../say.js";
import { button } from "../ui.js";
import { Zoom } from "../zoom.js";
import { listenToZoom, zoomByKey } from "../zoom_input.js";
import { placeLayers, viewButton } from "../zoom_view.js";
import { GateActions } from "./actions.js";
import { Countdown } from "./countdown.js";
import { FrameStrip } from "./frame_strip.js";
import { instanceOf } from "./instances.js";
import { SizedPicture } from "./picture.js";
import { RouteButtons } from "./route_buttons.js";
import { openStatus, originOf } from "./text.js";
import { Tint, tintByKey } from "./tint.js";
import { Trouble } from "./trouble.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

const STEP = 1.5;

/**
 * @typedef {object} Shown
 * @property {Gate | undefined} gate
 * @property {number} waiting how many wait at the same place
 * @property {string[]} labels by route
 * @property {boolean} busy whether an answer is being sent
 * @property {string} [name] what the gate is called, where its node does not say so
 */

export class GateViewer {
  /**
   * @param {import("../../types/comfy.js").GraphNode | null} node null when the gate has none that the person could see
   * @param {{choose: (route: number) => void, stop: () => void, retry: () => void, hold: () => void, paint: (frame: number) => void}} actions
   * @param {(frame: number) => void} onFrame called when another frame is shown
   */
  constructor(node, { choose, stop, retry, hold, paint }, onFrame) {
    /** @type {Gate | undefined} */
    this.gate = undefined;
    /** @type {HTMLElement | undefined} */
    this.pressed = undefined;
    this.zoom = new Zoom(() => this.place());
    this.hold = hold;
    this.countdown = new Countdown(hold);
    this.held = ""; // the token of the gate whose countdown this view has stopped
    this.picture = new SizedPicture();
    this.tint = new Tint("ds-gate-full-over");
    this.frames = new FrameStrip((frame) => {
      this.showFrame();
      onFrame(frame);
    });
    this.routes = new RouteButtons(choose, () => {});
    this.trouble = new Trouble(retry, stop);
    this.hasNode = node !== null;
    this.more = new GateActions(node, () => this.frames.frame);
    this.paint = button("Edit mask", () => paint(this.frames.frame), { kind: "quiet" });
    this.stop = button("Stop", stop, { kind: "quiet", class: "ds-danger ds-gate-stop", title: say("End this run") });
    this.stage = el(
      "div",
      { class: "ds-gate-viewer-stage", tabIndex: 0, autofocus: true, role: "group", "aria-label": say("Picture"), "data-testid": "datasete-viewer-stage" },
      this.picture.element,
      this.tint.layer,
    );
    this.status = el("span", { class: "ds-gate-viewer-status" });
    this.percent = el("output", { class: "ds-gate-viewer-percent", "aria-label": say("Zoom") });
    this.back = tool("pi-angle-left", say("Previous frame (←)"), () => this.frames.select(this.frames.frame - 1));
    this.next = tool("pi-angle-right", say("Next frame (→)"), () => this.frames.select(this.frames.frame + 1));
    this.element = this.build();
    listenToZoom(this.stage, this.zoom);
    this.sizes = new ResizeObserver(() => this.measure());
  }

  build() {
    this.back.classList.add("ds-gate-viewer-back");
    this.next.classList.add("ds-gate-viewer-next");
    const close = tool("pi-times", say("Close (Esc)"), () => this.element.close());
    return el(
      "dialog",
      {
        class: "ds-root ds-gate-viewer",
        "aria-label": say("The waiting picture"),
        "data-testid": "datasete-viewer",
        keydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
        close: () => this.closed(),
      },
      el("div", { class: "ds-gate-viewer-head" }, this.status, this.tools(), close),
      el("div", { class: "ds-gate-viewer-room" }, this.stage, this.back, this.next),
      this.frames.element,
      this.trouble.element,
      this.countdown.element,
      this.routes.element,
      this.foot(),
    );
  }

  foot() {
    const tools = el("div", { class: "ds-gate-tools" }, this.paint, this.more.element);
    const closeFirst = (/** @type {Event} */ { target }) => target instanceof HTMLButtonElement && this.element.close();
    tools.addEventListener("click", closeFirst, { capture: true }); // what they open would be behind this dialog
    return el("div", { class: "ds-gate-foot" }, tools, this.stop);
  }

  tools() {
    return el(
      "div",
      { class: "ds-gate-viewer-tools", role: "group", "aria-label": say("Zoom") },
      tool("pi-minus", say("Zoom out (-)"), () => this.zoom.by(1 / STEP)),
      this.percent,
      tool("pi-plus", say("Zoom in (+)"), () => this.zoom.by(STEP)),
      tool(say("Fit"), say("Fit to the window (F)"), () => this.zoom.fit()),
      tool("1:1", say("Actual size (F)"), () => this.zoom.to(this.zoom.actual)),
      this.tint.switch,
    );
  }

  get isOpen() {
    return this.element.open;
  }

  /** @param {number} frame */
  open(frame) {
    if (!this.gate || this.isOpen) return;
    document.body.append(this.element);
    this.element.showModal();
    this.sizes.observe(this.stage);
    this.frames.reset(this.gate, frame);
    this.zoom.isFitted = true;
    this.measure();
    this.showFrame();
    this.stopCountdown();
  }

  /** Somebody who looks at the picture in its full size is there to answer: it must not go away under their eyes. */
  stopCountdown() {
    if (!this.isOpen || !this.gate?.policy || this.held === this.gate.token) return;
    this.held = this.gate.token;
    this.hold();
  }

  closed() {
    this.sizes.disconnect();
    this.element.remove();
  }

  /** @param {Shown} shown */
  update({ gate, waiting, labels, busy, name = "" }) {
    const isNew = gate?.token !== this.gate?.token;
    this.gate = gate;
    if (!gate || (gate.trouble && this.hasNode)) {
      // a node says what went wrong; without one, the view does
      if (this.isOpen) this.element.close();
      return;
    }
    write(this.status, [name, openStatus(gate, waiting), originOf(gate, instanceOf(gate))].filter(Boolean).join(" · "));
    if (busy) this.lendFocus();
    this.routes.update({ labels: labels.slice(0, gate.routes), isOpen: true, busy });
    this.trouble.update({ gate, busy });
    this.routes.element.hidden = this.stop.hidden = Boolean(gate.trouble);
    if (!busy) this.returnFocus();
    this.more.update({ gate, busy });
    this.countdown.update({ gate, labels, busy });
    this.stopCountdown();
    if (this.isOpen) this.tint.show(gate, this.frames.frame, Math.max(gate.width, gate.height));
    this.paint.disabled = this.stop.disabled = busy;
    if (!isNew || !this.isOpen) return;
    this.frames.reset(gate); // the next item of a list
    this.showFrame();
  }

  showFrame() {
    if (!this.gate) return;
    const { width, height, frames } = this.gate;
    this.back.hidden = this.next.hidden = frames < 2;
    this.disable(this.back, this.frames.frame === 0);
    this.disable(this.next, this.frames.frame === frames - 1);
    this.picture.show(this.gate, this.frames.frame);
    this.tint.show(this.gate, this.frames.frame, Math.max(width, height));
    this.zoom.show({ width, height });
  }

  /** Moves the focus to the picture while the routes are disabled: a button that is disabled would lose it. */
  lendFocus() {
    const { activeElement } = document;
    if (!(activeElement instanceof HTMLElement) || !this.routes.element.contains(activeElement)) return;
    this.pressed = activeElement;
    this.stage.focus();
  }

  returnFocus() {
    if (document.activeElement === this.stage) this.pressed?.focus();
    this.pressed = undefined;
  }

  /** @param {HTMLButtonElement} target @param {boolean} isEnd in that direction; a disabled button would lose the focus */
  disable(target, isEnd) {
    if (isEnd && document.activeElement === target) this.stage.focus();
    target.disabled = isEnd;
  }

  measure() {
    this.zoom.resize(this.stage.clientWidth, this.stage.clientHeight, window.devicePixelRatio);
  }

  place() {
    if (!this.gate) return;
    placeLayers(this.zoom, this.gate, [this.picture.element, this.tint.layer], "ds-gate-pixels", this.percent);
    const { scale, ratio } = this.zoom;
    if (this.isOpen) this.picture.sharpen(Math.max(this.gate.width, this.gate.height) * scale * ratio);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const isHandled = this.frames.onKey(event) || tintByKey(event) || zoomByKey(event, this.zoom);
    if (isHandled) event.preventDefault();
    event.stopPropagation(); // keep keys from the canvas
  }
}

/** @param {string} face an icon, or a word @param {string} title what it does @param {() => void} click */
const tool = (face, title, click) => viewButton(face, title, click, "ds-gate-tool");
