/**
 * Extra buttons at the foot of every gate, added by other features.
 *
 * Each view makes its buttons once, and asks whenever the gate changes whether they are offered.
 */

import { el, write } from "../dom.js";
import { guarded } from "../guard.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/datasete.js").Gate} Gate */

/**
 * @typedef {object} GateAction
 * @property {string} id unique; the button has it as `data-action`
 * @property {string | ((gate: Gate) => string)} label
 * @property {string} [title] what it does, in a sentence
 * @property {(gate: Gate, node: GraphNode | null, frame: number) => void} run `frame` is the one that is shown, from 0
 * @property {(gate: Gate) => boolean} [isOffered] without it, the button is there while the gate is open
 */

/** @type {Map<string, GateAction>} */
const actions = new Map();

/** @param {GateAction} action replaces an earlier one with the same id */
export function addGateAction(action) {
  actions.set(action.id, action);
}

export class GateActions {
  /**
   * @param {GraphNode | null} node null when the gate has none that the person could see
   * @param {() => number} frame the frame that is shown, from 0
   */
  constructor(node, frame) {
    this.node = node;
    this.frame = frame;
    /** @type {Gate | undefined} */
    this.gate = undefined;
    this.element = el("div", { class: "ds-gate-actions" });
  }

  /** How many buttons are visible. */
  get offered() {
    return [...this.element.children].filter((button) => !(/** @type {HTMLElement} */ (button).hidden)).length;
  }

  /** @param {{gate: Gate | undefined, busy: boolean}} state */
  update({ gate, busy }) {
    this.gate = gate;
    this.element.style.visibility = gate ? "" : "hidden"; // with their room, so that no button moves under the pointer
    if (!gate) return;
    for (const action of actions.values()) this.render(this.buttonOf(action), action, busy);
  }

  /** @param {GateAction} action @returns {HTMLButtonElement} */
  buttonOf({ id }) {
    const buttons = /** @type {HTMLButtonElement[]} */ ([...this.element.children]);
    const known = buttons.find((candidate) => candidate.dataset.action === id);
    if (known) return known;
    const button = el("button", { type: "button", class: "ds-button ds-quiet", "data-action": id, click: () => this.run(id) });
    this.element.append(button);
    return button;
  }

  /** @param {HTMLButtonElement} button @param {GateAction} action @param {boolean} busy */
  render(button, { label, title, isOffered }, busy) {
    const { gate } = this;
    const offered = gate && guarded("action", isOffered ?? (() => true))(gate);
    button.hidden = !offered;
    button.disabled = busy;
    if (!gate || !offered) return;
    write(button, typeof label === "function" ? label(gate) : label);
    button.title = title ?? "";
  }

  /** @param {string} id */
  run(id) {
    const action = actions.get(id);
    if (action && this.gate) guarded(id, action.run)(this.gate, this.node, this.frame());
  }
}
