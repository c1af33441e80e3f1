/** Where a picture lies in its frame: a scale and an offset that always keep it in sight. In CSS pixels. */

const LARGEST = 16; // screen pixels for each pixel of the picture
const LARGEST_FIT = 4; // a small picture is not enlarged further to fit

/** @param {number} value @param {number} low @param {number} high */
const within = (value, low, high) => Math.min(Math.max(value, low), high);

export class Zoom {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.picture = { width: 1, height: 1 };
    this.frame = { width: 1, height: 1 };
    this.ratio = 1; // screen pixels for each CSS pixel
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.isFitted = true;
  }

  /** The scale at which the whole picture is seen. */
  get fitting() {
    const { picture, frame, ratio } = this;
    return Math.min(frame.width / picture.width, frame.height / picture.height, LARGEST_FIT / ratio);
  }

  /** The scale at which each pixel of the picture is one of the screen. */
  get actual() {
    return 1 / this.ratio;
  }

  /** @param {{width: number, height: number}} picture */
  show(picture) {
    const isSame = picture.width === this.picture.width && picture.height === this.picture.height;
    this.picture = { ...picture };
    if (isSame) this.settle(); // the next frame is compared at the same place
    else this.fit();
  }

  /** @param {number} width @param {number} height @param {number} ratio */
  resize(width, height, ratio) {
    this.frame = { width: Math.max(1, width), height: Math.max(1, height) };
    this.ratio = ratio || 1;
    if (this.isFitted) this.fit();
    else this.settle();
  }

  fit() {
    this.scale = this.fitting;
    this.isFitted = true;
    this.settle();
  }

  /** @param {number} scale @param {number} [x] what stays in place, from the frame's corner @param {number} [y] */
  to(scale, x = this.frame.width / 2, y = this.frame.height / 2) {
    const wanted = within(scale, Math.min(this.fitting, this.actual), Math.max(LARGEST / this.ratio, this.fitting));
    const factor = wanted / this.scale;
    this.x = x - (x - this.x) * factor;
    this.y = y - (y - this.y) * factor;
    this.scale = wanted;
    this.isFitted = Math.abs(wanted / this.fitting - 1) < 0.001;
    this.settle();
  }

  /** @param {number} factor @param {number} [x] @param {number} [y] */
  by(factor, x, y) {
    this.to(this.scale * factor, x, y);
  }

  /** Fits the picture, or shows it in its actual size when it fits already. @param {number} [x] @param {number} [y] */
  toggle(x, y) {
    if (this.isFitted) this.to(this.actual === this.fitting ? 2 * this.actual : this.actual, x, y);
    else this.fit();
  }

  /** @param {number} x @param {number} y */
  pan(x, y) {
    this.x += x;
    this.y += y;
    this.settle();
  }

  settle() {
    this.x = placed(this.x, this.picture.width * this.scale, this.frame.width);
    this.y = placed(this.y, this.picture.height * this.scale, this.frame.height);
    this.onChange();
  }
}

/**
 * @param {number} offset
 * @param {number} length of the picture
 * @param {number} room
 */
const placed = (offset, length, room) => (length <= room ? (room - length) / 2 : within(offset, room - length, 0));
