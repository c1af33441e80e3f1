/** Shows the picture with the tinted mask over it, zoomed and panned. Only what has changed is redrawn. */

import { el } from "../dom.js";
import { union } from "./mask.js";

/** @typedef {import("./mask.js").Mask} Mask */
/** @typedef {import("./mask.js").Rect} Rect */

const TINT = [255, 45, 85];
const OPACITY = 0.6;
const MARGIN_PIXELS = 12; // around a picture that is fitted to the stage
const MAX_SCALE = 48;
const MAX_DENSITY = 2; // drawn pixels per CSS pixel; more would be slow on phones and show no difference
const VISIBLE_PIXELS = 48; // of the picture, however far it is moved
const PIXELATED_SCALE = 3; // from which single pixels are shown as squares

export class View {
  /**
   * @param {Mask} mask
   * @param {() => void} onZoom called when the scale has changed
   */
  constructor(mask, onZoom) {
    this.mask = mask;
    this.onZoom = onZoom;
    this.scale = 1; // CSS pixels per pixel of the mask
    this.x = 0; // of the mask's corner, in CSS pixels from the stage's corner
    this.y = 0;
    this.isFitted = true;
    this.picture = el("img", { class: "ds-painter-picture", alt: "", draggable: false });
    this.picture.style.width = `${mask.width}px`;
    this.picture.style.height = `${mask.height}px`;
    this.overlay = el("canvas", { class: "ds-painter-overlay" });
    this.context = /** @type {CanvasRenderingContext2D} */ (this.overlay.getContext("2d"));
    this.ring = el("div", { class: "ds-painter-ring", hidden: true }, el("div", { class: "ds-painter-core" }));
    this.element = el("div", { class: "ds-painter-stage", tabIndex: 0, role: "application" });
    this.element.append(this.picture, this.overlay, this.ring);
    this.colors = tint();
    /** @type {ImageData | null} */
    this.pixels = null;
    /** @type {Rect | null} */
    this.stale = null;
    this.frame = 0;
    this.width = this.height = 0;
  }

  /** Adapts to the size of the stage. */
  measure() {
    const { clientWidth, clientHeight } = this.element;
    if (!clientWidth || !clientHeight) return;
    const middle = this.toMask(this.width / 2, this.height / 2);
    [this.width, this.height] = [clientWidth, clientHeight];
    this.density = Math.min(MAX_DENSITY, window.devicePixelRatio || 1);
    this.overlay.width = Math.round(clientWidth * this.density);
    this.overlay.height = Math.round(clientHeight * this.density);
    this.pixels = this.context.createImageData(this.overlay.width, this.overlay.height);
    if (this.isFitted) this.fit();
    else this.place(this.scale, this.width / 2 - middle.x * this.scale, this.height / 2 - middle.y * this.scale);
  }

  /** @returns {number} the scale at which the whole picture is visible */
  get fitting() {
    const across = (this.width - 2 * MARGIN_PIXELS) / this.mask.width;
    return Math.min(MAX_SCALE, across, (this.height - 2 * MARGIN_PIXELS) / this.mask.height);
  }

  fit() {
    const scale = this.fitting;
    this.isFitted = true;
    this.place(scale, (this.width - this.mask.width * scale) / 2, (this.height - this.mask.height * scale) / 2);
  }

  /**
   * @param {number} factor
   * @param {number} [x] of the point that stays in place, in CSS pixels from the stage's corner
   * @param {number} [y]
   */
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const scale = Math.min(Math.max(MAX_SCALE, this.fitting), Math.max(Math.min(1, this.fitting) / 2, this.scale * factor));
    const ratio = scale / this.scale;
    this.isFitted = false;
    this.place(scale, x - (x - this.x) * ratio, y - (y - this.y) * ratio);
  }

  /** @param {number} dx @param {number} dy in CSS pixels */
  pan(dx, dy) {
    this.isFitted = false;
    this.place(this.scale, this.x + dx, this.y + dy);
  }

  /** @param {number} scale @param {number} x @param {number} y */
  place(scale, x, y) {
    const [wide, high] = [this.mask.width * scale, this.mask.height * scale];
    this.scale = scale;
    this.x = Math.min(this.width - VISIBLE_PIXELS, Math.max(VISIBLE_PIXELS - wide, x));
    this.y = Math.min(this.height - VISIBLE_PIXELS, Math.max(VISIBLE_PIXELS - high, y));
    this.picture.style.transform = `translate(${this.x}px, ${this.y}px) scale(${scale})`;
    this.picture.style.imageRendering = scale >= PIXELATED_SCALE ? "pixelated" : "auto";
    this.redraw(this.mask.whole);
    this.onZoom();
  }

  /** @param {number} x @param {number} y in CSS pixels from the stage's corner @returns {{x: number, y: number}} */
  toMask(x, y) {
    return { x: (x - this.x) / this.scale, y: (y - this.y) / this.scale };
  }

  /** @param {Rect | null} rect what has changed, in pixels of the mask; drawn with the next animation frame */
  redraw(rect) {
    if (!rect) return;
    this.stale = union(this.stale, rect);
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    const { stale, pixels, density = 1 } = this;
    this.frame = 0;
    this.stale = null;
    if (!stale || !pixels) return;
    const scale = this.scale * density;
    const isWhole = stale.width === this.mask.width && stale.height === this.mask.height;
    const left = isWhole ? 0 : clip(stale.x * scale + this.x * density - 1, pixels.width);
    const top = isWhole ? 0 : clip(stale.y * scale + this.y * density - 1, pixels.height);
    const right = isWhole ? pixels.width : clip((stale.x + stale.width) * scale + this.x * density + 2, pixels.width);
    const bottom = isWhole ? pixels.height : clip((stale.y + stale.height) * scale + this.y * density + 2, pixels.height);
    if (left >= right || top >= bottom) return;
    this.sample(pixels, { x: left, y: top, width: right - left, height: bottom - top }, scale);
    this.context.putImageData(pixels, 0, 0, left, top, right - left, bottom - top);
  }

  /**
   * @param {ImageData} pixels
   * @param {Rect} rect the part to fill
   * @param {number} scale drawn pixels per pixel of the mask
   */
  sample(pixels, rect, scale) {
    const { mask, density = 1 } = this;
    const depth = Math.min(mask.levels.length - 1, Math.max(0, Math.floor(-Math.log2(scale))));
    const { bytes, width, height } = mask.levels[depth];
    const step = 1 / scale / 2 ** depth;
    const pixelAt = (/** @type {number} */ at, /** @type {number} */ origin) => Math.floor((at + 0.5 - origin * density) * step);
    const columns = Int32Array.from({ length: rect.width }, (_, index) => pixelAt(rect.x + index, this.x));
    const into = new Uint32Array(pixels.data.buffer);
    for (let line = rect.y; line < rect.y + rect.height; line++) {
      const row = pixelAt(line, this.y);
      const isBeside = row < 0 || row >= height;
      for (let index = 0, at = line * pixels.width + rect.x; index < rect.width; index++, at++) {
        const column = columns[index];
        into[at] = isBeside || column < 0 || column >= width ? 0 : this.colors[bytes[row * width + column]];
      }
    }
  }

  /**
   * Shows where the brush is.
   *
   * @param {{x: number, y: number} | null} at in CSS pixels from the stage's corner; null to hide it
   * @param {number} radius pixels of the mask
   * @param {number} hardness
   */
  point(at, radius, hardness) {
    this.ring.hidden = !at;
    if (!at) return;
    const size = Math.max(3, 2 * radius * this.scale);
    this.ring.style.width = this.ring.style.height = `${size}px`;
    this.ring.style.transform = `translate(${at.x - size / 2}px, ${at.y - size / 2}px)`;
    const core = /** @type {HTMLElement} */ (this.ring.firstElementChild);
    core.hidden = hardness > 0.95 || size < 24;
    core.style.inset = `${((1 - hardness) * size) / 2}px`;
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.overlay.width = this.overlay.height = 0;
    this.pixels = null;
  }
}

/** @param {number} value @param {number} max */
function clip(value, max) {
  return Math.min(max, Math.max(0, Math.floor(value)));
}

/** @returns {Uint32Array} the colour of each value of the mask, in the layout of `ImageData` */
function tint() {
  const colors = new Uint8ClampedArray(4 * 256);
  for (let value = 0; value < 256; value++) colors.set([...TINT, value * OPACITY], 4 * value);
  return new Uint32Array(colors.buffer);
}
