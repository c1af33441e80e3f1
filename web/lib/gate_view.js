/** What a gate looks like inside its node. Elements are made once; `update` brings them in line with what is known. */

import { previewUrl } from "./client.js";
import { Countdown, nameOf } from "./countdown.js";
import { ago, clock, el, write } from "./dom.js";
import { FrameStrip } from "./frame_strip.js";
import { GateActions } from "./gate_actions.js";
import { RouteButtons } from "./route_buttons.js";

/** @typedef {import("../types/datasete.js").Gate} Gate */
/** @typedef {import("../types/datasete.js").Verdict} Verdict */

const SIZES = [512, 1024, 2048];

/**
 * @typedef {object} State
 * @property {Gate[]} waiting the node's open gates, the one to answer first
 * @property {boolean} busy whether an answer is under way
 * @property {Verdict} [verdict] how the last one ended
 * @property {string[]} labels by route
 */

/**
 * @typedef {object} Actions
 * @property {(route: number) => void} choose
 * @property {() => void} stop
 * @property {() => void} hold
 * @property {(frame: number) => void} paint
 * @property {(route: number, label: string) => void} rename
 */

export class GateView {
  /** @param {import("../types/comfy.js").GraphNode} node @param {Actions} actions */
  constructor(node, actions) {
    this.actions = actions;
    /** @type {Gate | undefined} */
    this.gate = undefined;
    this.frames = new FrameStrip(() => this.showFrame());
    this.routes = new RouteButtons(actions.choose, actions.rename);
    this.picture = el("img", { class: "dsg-picture", alt: "", draggable: false, load: () => this.settle() });
    this.stage = el("div", { class: "dsg-stage", "data-testid": "datasete-gate-preview" }, this.picture);
    this.status = el("span", { class: "dsg-status", role: "status" });
    this.time = el("span", { class: "dsg-time" });
    this.origin = el("div", { class: "dsg-origin" });
    this.countdown = new Countdown(actions.hold);
    this.paint = quiet("Edit mask", () => actions.paint(this.frames.frame));
    this.rename = quiet("Name routes", () => this.toggleNames());
    this.stop = quiet("Stop", actions.stop, { title: "End this run (Esc)", "aria-keyshortcuts": "Escape" });
    this.stop.classList.add("dsg-stop");
    this.more = new GateActions(node, () => this.frames.frame);
    this.element = el(
      "div",
      { class: "dsg-gate", role: "group", "aria-label": "Image gate", tabIndex: -1, "data-testid": "datasete-gate" },
      el("div", { class: "dsg-head" }, this.status, this.time),
      this.stage,
      this.frames.element,
      this.origin,
      this.countdown.element,
      this.routes.element,
      el("div", { class: "dsg-foot" }, this.paint, this.rename, this.more.element, this.stop),
    );
  }

  /** @param {State} state */
  update({ waiting, busy, verdict, labels }) {
    const gate = waiting[0];
    const isNew = gate?.token !== this.gate?.token;
    this.gate = gate;
    this.element.classList.toggle("dsg-open", Boolean(gate));
    this.element.classList.toggle("dsg-past", !gate && Boolean(verdict) && this.picture.naturalWidth > 0);
    this.element.classList.toggle("dsg-busy", busy);
    this.element.setAttribute("aria-busy", String(busy));
    this.routes.update({ labels: gate ? labels.slice(0, gate.routes) : labels, isOpen: Boolean(gate), busy });
    this.stop.hidden = this.paint.hidden = !gate;
    this.stop.disabled = this.paint.disabled = busy;
    write(this.paint, gate?.masked ? "Edit mask ✓" : "Edit mask");
    write(this.rename, this.routes.isNaming ? "Done" : "Name routes");
    write(this.status, gate ? this.openStatus(gate, waiting.length) : closedStatus(verdict, labels));
    write(this.origin, gate?.slot ? this.originOf(gate) : "");
    this.countdown.update({ gate, labels, busy });
    this.more.update({ gate, busy });
    if (isNew) this.open(gate);
    this.tick();
  }

  /** @param {Gate | undefined} gate */
  open(gate) {
    this.frames.reset(gate);
    // What was decided stays in sight, dimmed: the browser has the picture, the server does not serve it any more.
    if (gate) this.showFrame();
  }

  showFrame() {
    if (!this.gate) return;
    this.element.classList.add("dsg-loading");
    this.picture.src = previewUrl(this.gate, this.frames.frame, this.size());
    this.picture.alt = `The picture that waits, ${this.gate.width} by ${this.gate.height} pixels`;
  }

  settle() {
    this.element.classList.remove("dsg-loading");
  }

  /** @returns {number} a preview about as large as it is shown */
  size() {
    const shown = Math.max(this.stage.clientWidth, this.stage.clientHeight) * (window.devicePixelRatio || 1) * 1.5;
    return SIZES.find((size) => size >= shown) ?? SIZES[SIZES.length - 1];
  }

  /** @param {Gate} gate @param {number} count */
  openStatus({ width, height, frames }, count) {
    const parts = ["Waiting for you", `${width}×${height}`];
    if (frames > 1) parts.push(`${frames} frames`);
    if (count > 1) parts.push(`1 of ${count}`);
    return parts.join(" · ");
  }

  /** @param {Gate} gate */
  originOf({ slot, slot_age: age }) {
    return age === null || age === undefined ? `From “${slot}”` : `From “${slot}”, published ${ago(age)}`;
  }

  toggleNames() {
    this.routes.toggleNaming();
    write(this.rename, this.routes.isNaming ? "Done" : "Name routes");
  }

  /** Brings the time up to date. */
  tick() {
    this.countdown.tick();
    write(this.time, this.gate ? clock((Date.now() - (this.gate.since ?? Date.now())) / 1000) : "");
  }
}

/**
 * @param {string} text
 * @param {() => void} click
 * @param {Record<string, string>} [more]
 */
function quiet(text, click, more = {}) {
  return el("button", { type: "button", class: "dsg-quiet", click, ...more }, text);
}

/**
 * @param {Verdict | undefined} verdict
 * @param {string[]} labels
 * @returns {string}
 */
function closedStatus(verdict, labels) {
  if (verdict?.route && verdict.reason === "policy") return `Sent to ${nameOf(labels, verdict.route)} by a policy`;
  if (verdict?.route) return `Sent to ${labels[verdict.route - 1] ?? verdict.route}`;
  const known = {
    answered: "Answered elsewhere",
    policy: "Answered by a policy",
    stopped: "Stopped",
    failed: "The run failed",
    shutdown: "The server ended",
  };
  const reason = verdict && /** @type {Record<string, string>} */ (known)[verdict.reason];
  return reason ?? (verdict ? "The run ended" : "Pauses here when the workflow runs");
}
