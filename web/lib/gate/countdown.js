/** The line that says which route a policy will take unless somebody answers, and when; with a button that stops it. */

import { el, write } from "../dom.js";
import { say } from "../say.js";
import { clock } from "../text.js";
import { nameOf } from "./text.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

export class Countdown {
  /** @param {() => void} hold ends the countdown for good */
  constructor(hold) {
    /** @type {Gate | undefined} */
    this.gate = undefined;
    /** @type {string[]} */
    this.labels = [];
    this.text = el("span", { class: "ds-gate-countdown-text" });
    this.hold = el("button", { type: "button", class: "ds-button ds-quiet", click: hold }, say("Wait for me"));
    const content = [this.text, this.hold];
    this.element = el("div", { class: "ds-gate-countdown", hidden: true, "data-testid": "datasete-gate-countdown" }, ...content);
  }

  /** @param {{gate: Gate | undefined, labels: string[], busy: boolean}} state */
  update({ gate, labels, busy }) {
    this.gate = gate;
    this.labels = labels;
    this.element.hidden = !gate?.policy;
    this.element.title = gate?.policy?.reason ?? "";
    this.hold.disabled = busy;
    this.tick();
  }

  /** Updates the time. */
  tick() {
    const { policy, trouble, due = 0 } = this.gate ?? {};
    if (!policy) return;
    const time = remaining((due - Date.now()) / 1000);
    const route = nameOf(this.labels, policy.route);
    write(this.text, trouble ? say("Next attempt in {time}", { time }) : say("{route} in {time}", { route, time }));
  }
}

/** @param {number} seconds */
function remaining(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return whole < 100 ? `${whole} s` : clock(whole);
}
