/** Edits a mask: brush and eraser, undo and redo. Knows nothing of buttons and keys. */

import { reach, stroke } from "./brush.js";
import { History } from "./history.js";
import { isAll } from "./mask.js";

/** @typedef {import("./mask.js").Mask} Mask */
/** @typedef {import("./view.js").View} View */
/** @typedef {import("./brush.js").Dab} Dab */
/** @typedef {import("./gestures.js").Point} Point */

const LIGHTEST_PRESS = 0.2; // share of the radius that a pen draws when it hardly presses
const MAX_SIZE_PIXELS = 2000;
const SIZE_STEP = 1.2;
const MAX_PIECES = 4; // of the curve between two points
const MIN_DISTANCE = 0.05; // between two points, as a share of the radius; nearer ones add nothing

/** The brush as last set, kept for the next picture: `share` is its size relative to the picture's longer edge. */
const preferences = { share: 1 / 14, hardness: 0.8 };

export class Editor {
  /**
   * @param {Mask} mask
   * @param {View} view
   * @param {() => void} onChange called when something that the buttons show has changed
   */
  constructor(mask, view, onChange) {
    this.mask = mask;
    this.view = view;
    this.onChange = onChange;
    this.history = new History(mask);
    this.isEraser = false;
    this.isReady = false;
    this.longSide = Math.max(mask.width, mask.height);
    this.largest = Math.min(MAX_SIZE_PIXELS, Math.max(64, this.longSide));
    this.size = this.bounded(preferences.share * this.longSide);
    this.hardness = preferences.hardness;
    /** @type {Dab[]} the last two points of the current stroke */
    this.tail = [];
    this.brush = { hardness: this.hardness, isErasing: false };
  }

  /** @returns {boolean} */
  get isDrawing() {
    return this.tail.length > 0;
  }

  // Strokes

  /** @param {Point} point @param {boolean} isErasing even when the tool is the brush */
  begin(point, isErasing) {
    if (!this.isReady) return;
    this.brush = { hardness: this.hardness, isErasing: isErasing || this.isEraser };
    this.history.begin();
    const dab = this.dab(point);
    this.tail = [dab, dab];
    this.line(dab, dab);
  }

  /** @param {Point[]} points */
  extend(points) {
    if (!this.isDrawing) return;
    for (const point of points) this.follow(this.dab(point));
  }

  end() {
    if (!this.isDrawing) return;
    const [before, last] = this.tail;
    this.line(middle(before, last), last);
    this.tail = [];
    this.history.commit();
    this.onChange();
  }

  abandon() {
    if (!this.isDrawing) return;
    this.tail = [];
    this.view.redraw(this.history.abandon());
  }

  /** Draws a curve through the middles between points, so that a fast stroke has no corners. @param {Dab} dab */
  follow(dab) {
    const [before, last] = this.tail;
    const distance = Math.hypot(dab.x - last.x, dab.y - last.y);
    if (distance < Math.max(0.5, MIN_DISTANCE * dab.radius)) return;
    const pieces = Math.min(MAX_PIECES, Math.ceil((2 * distance) / dab.radius)); // a thick brush rounds its corners by itself
    const [from, to] = [middle(before, last), middle(last, dab)];
    let point = from;
    for (let piece = 1; piece <= pieces; piece++) {
      const next = bend(from, last, to, piece / pieces);
      this.line(point, next);
      point = next;
    }
    this.tail = [last, dab];
  }

  /** @param {Dab} from @param {Dab} to */
  line(from, to) {
    const rect = reach(this.mask, from, to);
    if (!rect) return;
    this.history.keep(rect);
    stroke(this.mask, from, to, this.brush, rect);
    this.mask.refresh(rect);
    this.view.redraw(rect);
  }

  /** @param {Point} point @returns {Dab} */
  dab({ x, y, pressure }) {
    return { ...this.view.toMask(x, y), radius: (this.size / 2) * (LIGHTEST_PRESS + (1 - LIGHTEST_PRESS) * pressure) };
  }

  // The whole mask

  /** @param {number} value 255 paints everything, 0 clears the mask */
  fill(value) {
    if (!this.isReady || this.isDrawing || isAll(this.mask.bytes, value)) return;
    this.history.begin();
    this.history.keep(this.mask.whole);
    this.mask.fill(value);
    this.history.commit();
    this.changed();
  }

  invert() {
    if (!this.isReady || this.isDrawing) return;
    this.history.invert();
    this.changed();
  }

  undo() {
    if (!this.isDrawing) this.changed(this.history.undo());
  }

  redo() {
    if (!this.isDrawing) this.changed(this.history.redo());
  }

  /** @param {import("./mask.js").Rect | null} [rect] */
  changed(rect = this.mask.whole) {
    this.view.redraw(rect);
    this.onChange();
  }

  // The brush

  /** @param {boolean} isEraser */
  take(isEraser) {
    this.isEraser = isEraser;
    this.onChange();
  }

  /** @param {number} size pixels */
  setSize(size) {
    this.size = this.bounded(size);
    preferences.share = this.size / this.longSide;
    this.onChange();
  }

  /** @param {number} direction 1 or -1 */
  stepSize(direction) {
    const next = this.size * SIZE_STEP ** direction;
    this.setSize(Math.round(next) === this.size ? this.size + direction : next);
  }

  /** @param {number} hardness 0..1 */
  setHardness(hardness) {
    this.hardness = preferences.hardness = Math.min(1, Math.max(0, Math.round(hardness * 100) / 100));
    this.onChange();
  }

  /** @param {number} size */
  bounded(size) {
    return Math.min(this.largest, Math.max(1, Math.round(size)));
  }
}

/** @param {Dab} one @param {Dab} other @returns {Dab} */
function middle(one, other) {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2, radius: (one.radius + other.radius) / 2 };
}

/** @param {Dab} from @param {Dab} by @param {Dab} to @param {number} at 0..1 @returns {Dab} a point on the curve */
function bend(from, by, to, at) {
  const [first, second, third] = [(1 - at) ** 2, 2 * at * (1 - at), at ** 2];
  const mix = (/** @type {"x" | "y" | "radius"} */ key) => first * from[key] + second * by[key] + third * to[key];
  return { x: mix("x"), y: mix("y"), radius: mix("radius") };
}
