/** The line in a gate that says which route a policy takes when nobody answers, and when; and the way to stop it. */

import { clock, el, write } from "../dom.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

export class Countdown {
  /** @param {() => void} hold what ends it for good */
  constructor(hold) {
    /** @type {Gate | undefined} */
    this.gate = undefined;
    /** @type {string[]} */
    this.labels = [];
    this.text = el("span", { class: "ds-gate-countdown-text" });
    this.hold = el("button", { type: "button", class: "ds-button ds-quiet", click: hold }, "Wait for me");
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

  /** Brings the time up to date. */
  tick() {
    const { policy, trouble, due = 0 } = this.gate ?? {};
    if (!policy) return;
    const what = trouble ? "Another attempt" : nameOf(this.labels, policy.route);
    write(this.text, `${what} in ${left((due - Date.now()) / 1000)}`);
  }
}

/**
 * @param {string[]} labels by route
 * @param {number} route from 1
 * @returns {string}
 */
export function nameOf(labels, route) {
  const label = labels[route - 1] ?? String(route);
  return label === String(route) ? `Route ${route}` : label;
}

/** @param {number} seconds */
function left(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return whole < 100 ? `${whole} s` : clock(whole);
}
