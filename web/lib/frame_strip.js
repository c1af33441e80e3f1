/** The frames of a batch, small and in a row; or a slider where there are too many to look at. */

import { previewUrl } from "./client.js";
import { el, write } from "./dom.js";

/** @typedef {import("../types/datasete.js").Gate} Gate */

const MOST_THUMBS = 32;
const THUMB_SIZE = 128;

export class FrameStrip {
  /** @param {() => void} onChange called when another frame is to be shown */
  constructor(onChange) {
    this.onChange = onChange;
    this.frame = 0;
    this.count = 1;
    this.row = el("div", { class: "dsg-thumbs", role: "listbox", "aria-label": "Frames", "data-capture-wheel": "true" });
    this.slider = el("input", { type: "range", min: "0", input: () => this.select(Number(this.slider.value)) });
    this.slider.setAttribute("aria-label", "Frame");
    this.label = el("span", { class: "dsg-frame-label" });
    this.element = el("div", { class: "dsg-frames", hidden: true, keydown: (/** @type {KeyboardEvent} */ e) => this.onKey(e) });
    this.element.append(this.row, this.slider, this.label);
  }

  /** @param {Gate | undefined} gate */
  reset(gate) {
    this.frame = 0;
    this.count = gate?.frames ?? 1;
    this.element.hidden = this.count < 2;
    this.slider.hidden = this.count <= MOST_THUMBS;
    this.row.hidden = !this.slider.hidden;
    this.slider.max = String(this.count - 1);
    this.row.replaceChildren(...(gate && this.count > 1 && this.slider.hidden ? this.thumbs(gate) : []));
    this.mark();
  }

  /** @param {Gate} gate */
  thumbs(gate) {
    return Array.from({ length: this.count }, (_, frame) =>
      el(
        "button",
        { type: "button", role: "option", class: "dsg-thumb", "aria-label": `Frame ${frame + 1}`, click: () => this.select(frame) },
        el("img", { src: previewUrl(gate, frame, THUMB_SIZE), alt: "", loading: "lazy", draggable: false }),
      ),
    );
  }

  /** @param {number} frame */
  select(frame) {
    const wanted = Math.min(this.count - 1, Math.max(0, frame));
    if (wanted === this.frame) return;
    this.frame = wanted;
    this.mark();
    this.onChange();
  }

  mark() {
    write(this.label, `${this.frame + 1} / ${this.count}`);
    this.slider.value = String(this.frame);
    for (const [frame, thumb] of [...this.row.children].entries()) {
      thumb.setAttribute("aria-selected", String(frame === this.frame));
      if (frame === this.frame) thumb.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || event.target === this.slider) return;
    event.preventDefault();
    event.stopPropagation();
    this.select(this.frame + step);
    /** @type {HTMLElement | undefined} */ (this.row.children[this.frame])?.focus?.();
  }
}
