/** The frames of a batch as a row of thumbnails, or as a slider where there are too many for that. */

import { el, write } from "../dom.js";
import { say } from "../say.js";
import { previewUrl } from "./client.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

const MAX_THUMBS = 60;
const THUMB_PIXELS = 128;

export class FrameStrip {
  /** @param {(frame: number) => void} onChange called when another frame was selected */
  constructor(onChange) {
    this.onChange = onChange;
    this.frame = 0;
    this.count = 1;
    this.row = el("div", { class: "ds-gate-thumbs", role: "listbox", "aria-label": say("Frames"), "data-capture-wheel": "true" });
    this.slider = el("input", { type: "range", min: "0", input: () => this.select(Number(this.slider.value)) });
    this.slider.setAttribute("aria-label", say("Frame"));
    this.label = el("span", { class: "ds-gate-frame-label", title: say("Previous and next frame: ← →") });
    this.element = el("div", { class: "ds-gate-frames", hidden: true }, this.row, this.slider, this.label);
  }

  /** @param {Gate | undefined} gate @param {number} [frame] */
  reset(gate, frame = 0) {
    this.count = gate?.frames ?? 1;
    this.frame = Math.min(frame, this.count - 1);
    this.element.hidden = this.count < 2;
    this.slider.hidden = this.count <= MAX_THUMBS;
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
        { type: "button", role: "option", class: "ds-gate-thumb", "aria-label": say("Frame {n}", { n: frame + 1 }), click: () => this.select(frame) },
        el("img", { src: previewUrl(gate, frame, THUMB_PIXELS), alt: "", loading: "lazy", draggable: false }),
      ),
    );
  }

  /** @param {number} frame clamped to those there are */
  select(frame) {
    const wanted = Math.min(this.count - 1, Math.max(0, frame));
    if (wanted === this.frame) return;
    const hadFocus = this.row.contains(document.activeElement);
    this.frame = wanted;
    this.mark();
    if (hadFocus) /** @type {HTMLElement} */ (this.row.children[wanted]).focus();
    this.onChange(wanted);
  }

  mark() {
    write(this.label, `${this.frame + 1} / ${this.count}`);
    this.slider.value = String(this.frame);
    for (const [frame, thumb] of [...this.row.children].entries()) {
      thumb.setAttribute("aria-selected", String(frame === this.frame));
      /** @type {HTMLElement} */ (thumb).tabIndex = frame === this.frame ? 0 : -1; // one stop for the Tab key
      if (frame === this.frame) scrollTo(this.row, /** @type {HTMLElement} */ (thumb));
    }
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key was for the frames
   */
  onKey(event) {
    const target = /** @type {KeyboardEvent & {target: Element}} */ (event).target;
    const frame = this.count > 1 && !hasModifier(event) && !target.matches("input, textarea") ? this.after(event.key) : undefined;
    if (frame === undefined) return false;
    event.preventDefault();
    event.stopPropagation();
    this.select(frame);
    return true;
  }

  /** @param {string} key @returns {number | undefined} the frame that it selects */
  after(key) {
    const frames = { ArrowLeft: this.frame - 1, ArrowRight: this.frame + 1, Home: 0, End: this.count - 1 };
    return /** @type {Record<string, number>} */ (frames)[key];
  }
}

/** @param {KeyboardEvent} event */
const hasModifier = (event) => event.ctrlKey || event.altKey || event.metaKey || event.shiftKey;

/**
 * Scrolls only the row: `scrollIntoView` would move the canvas as well.
 *
 * @param {HTMLElement} row
 * @param {HTMLElement} thumb
 */
function scrollTo(row, thumb) {
  const left = thumb.offsetLeft - row.offsetLeft;
  if (left < row.scrollLeft) row.scrollLeft = left - 4;
  else if (left + thumb.offsetWidth > row.scrollLeft + row.clientWidth) row.scrollLeft = left + thumb.offsetWidth - row.clientWidth + 4;
}
