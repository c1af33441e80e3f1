/** A frame of a gate at about the size at which it is shown: a larger file is fetched only when it is needed. */

import { el } from "../dom.js";
import { say } from "../say.js";
import { previewUrl } from "./client.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

/** The largest size that the server makes. */
const MAX_PIXELS = 4096;
const SIZES = [512, 1024, 2048, MAX_PIXELS];

/**
 * @param {number} pixels of the longer edge, as shown
 * @returns {number} the size to request
 */
export const sizeFor = (pixels) => SIZES.find((size) => size >= pixels) ?? MAX_PIXELS;

export class SizedPicture {
  constructor() {
    this.element = el("img", { class: "ds-gate-full-picture", alt: "", draggable: false });
    /** @type {Gate | undefined} */
    this.gate = undefined;
    this.frame = 0;
    this.size = 0; // of the file that is shown or being loaded
    this.turn = 0;
  }

  /** @param {Gate} gate @param {number} frame */
  show(gate, frame) {
    if (gate.token === this.gate?.token && frame === this.frame) return;
    Object.assign(this, { gate, frame, size: 0 });
    this.element.alt = say("Frame {n} of {all}, {width} by {height} pixels", {
      n: frame + 1,
      all: gate.frames,
      width: gate.width,
      height: gate.height,
    });
  }

  /** @param {number} pixels of the screen that its longer edge covers */
  sharpen(pixels) {
    const { gate } = this;
    if (!gate) return;
    const wanted = sizeFor(Math.min(pixels, Math.max(gate.width, gate.height)));
    if (wanted <= this.size) return;
    this.size = wanted;
    this.load(previewUrl(gate, this.frame, wanted), ++this.turn);
  }

  /**
   * Shows a file once all of it has arrived. Until then the earlier one stays, so that nothing flickers.
   *
   * @param {string} url
   * @param {number} turn
   */
  async load(url, turn) {
    const next = new Image();
    next.src = url;
    const arrived = await next.decode().then(
      () => true,
      () => false,
    );
    if (turn !== this.turn) return;
    if (arrived) this.element.src = url;
    else this.size = 0; // so that the next zoom requests it again
  }
}
