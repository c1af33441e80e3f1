/** A frame of a gate as an image that is only as large as it is looked at: a larger one is fetched when it is needed. */

import { previewUrl } from "./client.js";
import { el } from "../dom.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

/** The server makes none larger. */
export const LARGEST = 4096;
const SIZES = [512, 1024, 2048, LARGEST];

/**
 * @param {number} pixels of the longer edge, as shown
 * @returns {number} the size to ask for
 */
export const sizeFor = (pixels) => SIZES.find((size) => size >= pixels) ?? LARGEST;

export class SizedPicture {
  constructor() {
    this.element = el("img", { class: "ds-gate-full-picture", alt: "", draggable: false });
    /** @type {Gate | undefined} */
    this.gate = undefined;
    this.frame = 0;
    this.size = 0; // of what is shown or under way
    this.turn = 0;
  }

  /** @param {Gate} gate @param {number} frame */
  show(gate, frame) {
    if (gate.token === this.gate?.token && frame === this.frame) return;
    Object.assign(this, { gate, frame, size: 0 });
    this.element.alt = `Frame ${frame + 1} of ${gate.frames}, ${gate.width} by ${gate.height} pixels`;
  }

  /** @param {number} pixels how many of the screen its longer edge covers */
  sharpen(pixels) {
    const { gate } = this;
    if (!gate) return;
    const wanted = sizeFor(Math.min(pixels, Math.max(gate.width, gate.height)));
    if (wanted <= this.size) return;
    this.size = wanted;
    this.load(previewUrl(gate, this.frame, wanted), ++this.turn);
  }

  /**
   * Shows it when it is there, whole; until then what was shown before stays, so nothing flickers.
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
    else this.size = 0; // the next look asks again
  }
}
