/** One waiting gate in the list: its picture, what is known of it, and all that its node offers. */

import { el, write } from "../dom.js";
import { answer, hold, isSending } from "../gate/answers.js";
import { CANCEL, RETRY, previewUrl } from "../gate/client.js";
import { Countdown } from "../gate/countdown.js";
import { labelsAt, titleAt } from "../gate/own_node.js";
import { openPageViewer } from "../gate/page_viewer.js";
import { RouteButtons } from "../gate/route_buttons.js";
import { gates } from "../gate/store.js";
import { closedStatus, nameWith } from "../gate/text.js";
import { Trouble } from "../gate/trouble.js";
import { nameOfOtherTab } from "../gate/workflow_tabs.js";
import { say } from "../say.js";
import { button } from "../ui.js";
import { factsOf } from "./text.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {import("../gate/client.js").Message} Message */

const PICTURE_PIXELS = 256;

export class GateRow {
  /**
   * @param {Gate} gate
   * @param {(gate: Gate) => void} show brings it before the person
   */
  constructor(gate, show) {
    this.gate = gate;
    this.isOpen = true;
    const send = (/** @type {Message} */ message) => void answer(this.gate, message, "list");
    const full = () => openPageViewer(this.gate);
    this.picture = el("img", { alt: "", draggable: false, loading: "lazy" });
    this.enlarge = el("button", { type: "button", class: "ds-waiting-picture", click: full }, this.picture);
    this.name = el("div", { class: "ds-panel-name" });
    this.facts = el("div", { class: "ds-panel-facts" });
    this.trouble = new Trouble(() => send(RETRY), () => send(CANCEL));
    this.countdown = new Countdown(() => void hold(this.gate));
    this.routes = new RouteButtons(send, () => {}, { hasKeys: false });
    this.show = button("Show", () => show(this.gate), { kind: "quiet", title: say("Show it on the canvas, or in full size") });
    this.stop = button("Stop", () => send(CANCEL), { kind: "quiet", class: "ds-danger", title: say("End this run") });
    const head = el("div", { class: "ds-waiting-head" }, this.enlarge, el("div", { class: "ds-panel-text" }, this.name, this.facts));
    this.foot = el("div", { class: "ds-waiting-foot" }, this.show, this.stop);
    this.element = el("li", { class: "ds-waiting-row", "data-token": gate.token, "data-testid": "datasete-waiting-gate" }, head);
    this.element.append(this.trouble.element, this.countdown.element, this.routes.element, this.foot);
    this.picture.src = previewUrl(gate, 0, PICTURE_PIXELS); // once: the server no longer serves it after the answer
    this.update(gate);
  }

  /** @param {Gate} gate */
  update(gate) {
    this.gate = gate;
    const busy = isSending(gate);
    const labels = labelsAt(gate);
    const name = nameWith(titleAt(gate), nameOfOtherTab(gate));
    write(this.name, name);
    this.name.title = name;
    this.enlarge.title = say("View full size");
    this.enlarge.setAttribute("aria-label", say("View full size: {name}", { name }));
    this.routes.update({ labels, isOpen: true, busy });
    this.routes.element.setAttribute("aria-label", say("Routes of {name}", { name }));
    this.trouble.update({ gate, busy });
    this.countdown.update({ gate, labels, busy });
    this.routes.element.hidden = this.stop.hidden = Boolean(gate.trouble);
    this.show.disabled = this.stop.disabled = busy;
    this.tick();
  }

  /** Says how it ended, in the same place, and takes no more presses. */
  close() {
    this.isOpen = false;
    // The server's word that it was answered may come before the answer to our own question, which knows the route.
    write(this.facts, closedStatus(gates.verdictOf(this.gate) ?? { reason: "answered" }, labelsAt(this.gate)));
    this.element.classList.add("ds-waiting-closed");
    this.element.inert = true;
  }

  /** Updates the times. */
  tick() {
    if (!this.isOpen) return;
    this.countdown.tick();
    write(this.facts, factsOf(this.gate, Date.now()));
    this.facts.title = this.facts.textContent ?? "";
  }
}
