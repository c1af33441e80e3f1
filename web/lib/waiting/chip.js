/**
 * The chip on the page: says that a gate waits which the person cannot see, with its picture, and brings them to it. While
 * all waiting gates are in sight it is only there for the keyboard, as the first thing behind the canvas.
 */

import { el, write } from "../dom.js";
import { previewUrl } from "../gate/client.js";
import { titleAt } from "../gate/own_node.js";
import { show } from "../gate/reveal.js";
import { gates } from "../gate/store.js";
import { nameWith } from "../gate/text.js";
import { focusGate, isInSight } from "../gate/widget.js";
import { nameOfOtherTab } from "../gate/workflow_tabs.js";
import { guarded } from "../guard.js";
import { say } from "../say.js";
import { button, iconButton } from "../ui.js";
import { openWaitingList } from "./dialog.js";
import { chipText, listLabel } from "./text.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

const PICTURE_PIXELS = 128;
const SIGHT_MS = 400; // how often it is seen whether a gate came into sight: the canvas moves without an event

export class Chip {
  constructor() {
    /** @type {Gate | undefined} that it stands for */
    this.gate = undefined;
    this.token = "";
    this.picture = el("img", { class: "ds-waiting-chip-picture", alt: "", draggable: false });
    this.text = el("span", { class: "ds-waiting-chip-text", role: "status" });
    this.name = el("span", { class: "ds-waiting-chip-name" });
    this.show = button("Show", guarded("show gate", () => this.go()), { kind: "main" });
    this.list = iconButton("pi pi-list", "", guarded("list gates", openWaitingList));
    this.element = el(
      "section",
      { class: "ds-root ds-waiting-chip", "aria-label": say("Waiting gates"), hidden: true, "data-testid": "datasete-waiting-chip" },
      this.picture,
      el("div", { class: "ds-waiting-chip-words" }, this.text, this.name),
      this.show,
      this.list,
    );
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.watch = undefined;
  }

  /** Puts it onto the page. */
  attach() {
    document.body.prepend(this.element);
    gates.subscribe(() => this.update());
    this.update();
  }

  update() {
    const waiting = gates.all().filter(({ shown }) => shown !== false);
    const unseen = waiting.filter((gate) => !isInSight(gate));
    this.gate = unseen[0] ?? waiting[0];
    this.element.hidden = !this.gate;
    this.element.classList.toggle("ds-waiting-quiet", !unseen.length);
    if (this.gate) this.render(this.gate, unseen.length || waiting.length, waiting.length);
    this.place();
    this.follow(waiting.length > 0);
  }

  /** @param {Gate} gate @param {number} count @param {number} all */
  render(gate, count, all) {
    const name = nameWith(titleAt(gate), nameOfOtherTab(gate));
    write(this.text, chipText(count));
    write(this.name, name);
    this.name.title = name;
    this.show.setAttribute("aria-label", say("Show the waiting gate: {name}", { name }));
    this.list.title = listLabel(all);
    this.list.setAttribute("aria-label", listLabel(all));
    if (gate.token === this.token) return;
    this.token = gate.token;
    this.picture.src = previewUrl(gate, 0, PICTURE_PIXELS);
  }

  /** Stays in the middle of the canvas, between the sidebars; without a canvas, of the window. */
  place() {
    const { left = 0, width = 0 } = document.querySelector(".graph-canvas-panel")?.getBoundingClientRect() ?? {};
    const { style } = this.element;
    style.setProperty("--ds-waiting-middle", width ? `${left + width / 2}px` : "50%");
    style.setProperty("--ds-waiting-room", width ? `${width}px` : "100vw");
  }

  /** @param {boolean} isNeeded */
  follow(isNeeded) {
    if (isNeeded === Boolean(this.watch)) return;
    clearInterval(this.watch);
    this.watch = isNeeded ? setInterval(guarded("chip", () => this.update()), SIGHT_MS) : undefined;
  }

  async go() {
    const { gate } = this;
    if (!gate) return;
    await show(gate);
    focusGate(gate);
    this.update();
  }
}
