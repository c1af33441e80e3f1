/** What a gate looks like inside its node. The elements are made once; `update` makes them show the current state. */

import { el, write } from "../dom.js";
import { say } from "../say.js";
import { clock } from "../text.js";
import { button } from "../ui.js";
import { GateActions } from "./actions.js";
import { previewUrl } from "./client.js";
import { Countdown } from "./countdown.js";
import { Faces } from "./faces.js";
import { FrameStrip } from "./frame_strip.js";
import { instanceOf } from "./instances.js";
import { sizeFor } from "./picture.js";
import { RouteButtons } from "./route_buttons.js";
import { closedStatus, faultOf, openStatus, originOf } from "./text.js";
import { Tint, tintByKey } from "./tint.js";
import { Trouble } from "./trouble.js";
import { GateViewer } from "./viewer.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {import("../../types/datasete.js").Verdict} Verdict */

const LEAST_PIXELS = 48; // of a picture that counts as seen
const DRAG_PIXELS = 5; // from which a press drags the node instead of opening the picture

/**
 * @typedef {object} State
 * @property {Gate[]} waiting the node's open gates, first the one to answer next
 * @property {boolean} busy whether an answer is being sent
 * @property {Verdict} [verdict] how the last one ended
 * @property {string[]} labels by route
 */

/**
 * @typedef {object} Actions
 * @property {(route: number) => void} choose
 * @property {() => void} stop
 * @property {() => void} retry
 * @property {() => void} hold
 * @property {() => void} run
 * @property {(frame: number) => void} paint
 * @property {(route: number, label: string) => void} rename
 */

export class GateView {
  /** @param {import("../../types/comfy.js").GraphNode} node @param {Actions} actions */
  constructor(node, actions) {
    this.actions = actions;
    /** @type {Gate | undefined} */
    this.gate = undefined;
    this.fault = ""; // why the last run failed here
    this.frames = new FrameStrip(() => this.showFrame());
    this.viewer = new GateViewer(node, actions, (frame) => this.frames.select(frame));
    this.routes = new RouteButtons(actions.choose, actions.rename);
    this.trouble = new Trouble(actions.retry, actions.stop);
    this.countdown = new Countdown(actions.hold);
    this.more = new GateActions(node, () => this.frames.frame);
    this.picture = el("img", { class: "ds-gate-picture", alt: "", draggable: false, load: () => this.loaded(), error: () => this.loaded() });
    this.tint = new Tint("ds-gate-over");
    this.stage = this.makeStage();
    this.status = el("span", { class: "ds-status ds-gate-status", role: "status" });
    this.time = el("span", { class: "ds-gate-time" });
    this.origin = el("div", { class: "ds-gate-origin" });
    this.paint = quiet(say("Edit mask"), () => actions.paint(this.frames.frame), { class: "ds-gate-paint" });
    this.mark = el("span", { class: "ds-gate-tick", hidden: true }, "✓");
    this.paint.append(this.mark);
    this.rename = new Faces([say("Name routes"), say("Done")], () => this.toggleNames());
    this.run = quiet(say("Run from here"), actions.run, { title: say("Queue only what this gate needs and what follows it") });
    this.stop = quiet(say("Stop"), actions.stop, { title: say("End this run (Esc)"), "aria-keyshortcuts": "Escape" });
    this.stop.classList.add("ds-danger", "ds-gate-stop");
    this.stop.append(el("kbd", { "aria-hidden": "true" }, say("Esc")));
    this.element = this.build();
  }

  makeStage() {
    const label = say("View full size");
    const icon = el("i", { class: "pi pi-expand", "aria-hidden": "true" });
    const open = () => this.viewer.open(this.frames.frame);
    const enlarge = el("button", { type: "button", class: "ds-button ds-gate-enlarge", title: label, "aria-label": label, click: open }, icon);
    const parts = [this.picture, this.tint.layer, this.tint.switch, enlarge];
    const stage = el("div", { class: "ds-gate-stage", "data-testid": "datasete-gate-preview" }, ...parts);
    let from = [0, 0];
    stage.addEventListener("pointerdown", ({ clientX, clientY }) => void (from = [clientX, clientY]), { capture: true });
    this.picture.addEventListener("click", ({ clientX, clientY }) => {
      if (Math.hypot(clientX - from[0], clientY - from[1]) < DRAG_PIXELS) open();
    });
    return stage;
  }

  build() {
    const ofOpen = el("div", { class: "ds-gate-waiting" }, this.paint, this.more.element);
    const rest = el("div", { class: "ds-gate-swap" }, ofOpen, this.run); // while it waits, and otherwise
    const tools = el("div", { class: "ds-gate-tools" }, this.rename.element, rest);
    return el(
      "div",
      {
        class: "ds-gate-gate ds-root ds-node",
        role: "group",
        "aria-label": say("Image gate"),
        tabIndex: -1,
        "data-testid": "datasete-gate",
        keydown: (/** @type {KeyboardEvent} */ event) => this.gate && this.onKey(event),
      },
      el("div", { class: "ds-gate-head" }, this.status, this.time),
      this.stage,
      this.frames.element,
      this.origin,
      this.trouble.element,
      this.countdown.element,
      this.routes.element,
      el("div", { class: "ds-gate-foot" }, tools, this.stop),
    );
  }

  /** @param {State} state */
  update({ waiting, busy, verdict, labels }) {
    const gate = waiting[0];
    const isNew = gate?.token !== this.gate?.token;
    this.gate = gate;
    this.render(Boolean(gate), busy, verdict);
    this.routes.update({ labels: gate ? labels.slice(0, gate.routes) : labels, isOpen: Boolean(gate), busy });
    const inTrouble = Boolean(gate?.trouble);
    this.element.classList.toggle("ds-gate-alarmed", inTrouble);
    this.routes.element.hidden = inTrouble;
    if (inTrouble) show(this.stop, false); // the notice has a Stop button of its own
    this.trouble.update({ gate, busy });
    this.mark.hidden = !gate?.masked;
    this.rename.show(this.routes.isNaming ? 1 : 0);
    write(this.status, gate ? openStatus(gate, waiting.length) : closedStatus(verdict, labels));
    this.status.title = this.status.textContent ?? "";
    this.fault = gate ? "" : faultOf(verdict);
    write(this.origin, gate ? originOf(gate, instanceOf(gate)) : this.fault);
    this.origin.classList.toggle("ds-gate-fault", Boolean(this.fault));
    this.origin.title = this.origin.textContent ?? "";
    this.countdown.update({ gate, labels, busy });
    this.more.update({ gate, busy });
    if (isNew) this.open(gate);
    if (gate) this.tint.show(gate, this.frames.frame, this.size());
    else this.tint.forget();
    this.viewer.update({ gate, waiting: waiting.length, labels, busy });
    this.tick();
  }

  /** @param {boolean} isOpen @param {boolean} busy @param {Verdict | undefined} verdict */
  render(isOpen, busy, verdict) {
    const { classList } = this.element;
    classList.toggle("ds-gate-open", isOpen);
    classList.toggle("ds-gate-past", !isOpen && Boolean(verdict) && this.picture.naturalWidth > 0);
    this.element.setAttribute("aria-busy", String(busy));
    // What is not offered keeps its room, so that no button moves under the pointer.
    for (const one of [this.stop, this.paint]) show(one, isOpen);
    show(this.run, !isOpen);
    this.stop.disabled = this.paint.disabled = busy;
  }

  /** @param {Gate | undefined} gate */
  open(gate) {
    this.frames.reset(gate);
    // After the answer the picture stays, dimmed: the browser still has it, but the server no longer serves it.
    if (gate) this.showFrame();
  }

  showFrame() {
    if (!this.gate) return;
    this.element.classList.add("ds-gate-loading");
    this.tint.show(this.gate, this.frames.frame, this.size());
    this.picture.src = previewUrl(this.gate, this.frames.frame, this.size());
    const { width, height } = this.gate;
    this.picture.alt = say("The waiting picture, {width} by {height} pixels", { width, height });
  }

  loaded() {
    this.element.classList.remove("ds-gate-loading");
  }

  /** @returns {number} pixels of a preview about as large as it is shown */
  size() {
    const shown = Math.max(this.stage.clientWidth, this.stage.clientHeight) * (window.devicePixelRatio || 1) * 1.5;
    return Math.min(2048, sizeFor(shown));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const isTyping = event.target instanceof HTMLInputElement;
    if (this.frames.onKey(event) || isTyping || !tintByKey(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  toggleNames() {
    this.routes.toggleNaming();
    this.rename.show(this.routes.isNaming ? 1 : 0);
  }

  /** Updates the times. */
  tick() {
    this.countdown.tick();
    this.viewer.countdown.tick();
    write(this.time, this.gate ? clock((Date.now() - (this.gate.since ?? Date.now())) / 1000) : "");
  }

  /** Whether the person can see its picture: most of it is in the window, and not as small as an icon. */
  get isInSight() {
    if (this.viewer.isOpen) return true;
    const { left, top, right, bottom, width, height } = this.stage.getBoundingClientRect();
    if (!this.stage.checkVisibility() || Math.max(width, height) < LEAST_PIXELS) return false;
    const inside = Math.min(right, innerWidth) - Math.max(left, 0);
    const below = Math.min(bottom, innerHeight) - Math.max(top, 0);
    return inside > width / 2 && below > height / 2;
  }

  /** @param {Element} element @returns {boolean} whether it is part of this gate, in the node or in the full-size view */
  holds(element) {
    return this.element.contains(element) || this.viewer.element.contains(element);
  }
}

/**
 * @param {string} text
 * @param {() => void} click
 * @param {Record<string, string>} [more]
 */
const quiet = (text, click, more = {}) => button(text, click, { kind: "quiet", ...more });

/** @param {HTMLElement} element @param {boolean} isShown */
const show = (element, isShown) => void (element.style.visibility = isShown ? "" : "hidden");
