/**
 * The full-size view of a gate whose node is out of reach: its workflow is not open here, it has no node of its own, or the
 * canvas is hidden, as in ComfyUI's App mode. There is one for the page; all that a node offers can be done in it.
 */

import { answer, answers, hold, isSending, paint, refusals } from "./answers.js";
import { CANCEL, RETRY } from "./client.js";
import { displayOf, labelsAt, titleAt } from "./own_node.js";
import { gates } from "./store.js";
import { nameWith } from "./text.js";
import { GateViewer } from "./viewer.js";
import { nameOfOtherTab } from "./workflow_tabs.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {import("./client.js").Message} Message */

class PageViewer {
  constructor() {
    /** @type {Gate | undefined} */
    this.gate = undefined;
    /** @type {GateViewer | undefined} made when it is first needed */
    this.viewer = undefined;
  }

  make() {
    const say = (/** @type {Message} */ message) => this.gate && void answer(this.gate, message, this);
    const actions = {
      choose: say,
      stop: () => say(CANCEL),
      retry: () => say(RETRY),
      hold: () => void hold(this.gate),
      paint: (/** @type {number} */ frame) => paint(this.gate, frame),
    };
    const viewer = new GateViewer(null, actions, () => {});
    gates.subscribe(() => this.draw());
    answers.subscribe(() => this.draw());
    refusals.subscribe((gate) => gate.token === this.gate?.token && viewer.element.close());
    return viewer;
  }

  /** @param {Gate} gate */
  open(gate) {
    this.viewer ??= this.make();
    this.viewer.element.close(); // of another gate
    this.gate = gate;
    this.draw();
    this.viewer.open(0);
  }

  draw() {
    const { viewer, gate } = this;
    if (!viewer || !gate) return;
    const waiting = gates.all().filter((one) => isAtSamePlace(one, gate));
    this.gate = waiting.find(({ token }) => token === gate.token) ?? waiting.find(({ shown }) => shown !== false);
    const labels = this.gate ? labelsAt(this.gate) : [];
    const name = this.gate ? nameWith(titleAt(this.gate), nameOfOtherTab(this.gate)) : "";
    viewer.update({ gate: this.gate, waiting: waiting.length, labels, busy: isSending(this.gate), name });
  }
}

/** @param {Gate} one @param {Gate} other @returns {boolean} whether they are items of one list, or rounds of one loop */
const isAtSamePlace = (one, other) => one.prompt_id === other.prompt_id && displayOf(one) === displayOf(other);

const page = new PageViewer();

/** @param {Gate} gate */
export const openPageViewer = (gate) => page.open(gate);

/** @returns {Gate | undefined} the gate that it shows now */
export const gateOfPageViewer = () => (page.viewer?.isOpen ? page.gate : undefined);

/** @param {Element} element @returns {boolean} whether it is part of the view */
export const isInPageViewer = (element) => Boolean(page.viewer?.element.contains(element));
