/**
 * The steps of painting, for undo and redo. A step keeps the tiles of the mask that it changed, as they were before; a tile
 * of a single value is kept as that value. The oldest steps are dropped when all of them need too much memory.
 */

import { isAll, union } from "./mask.js";

/** @typedef {import("./mask.js").Mask} Mask */
/** @typedef {import("./mask.js").Rect} Rect */
/** @typedef {{tiles: Map<number, Uint8Array | number>, isInversion: boolean}} Step */

const TILE = 256; // pixels of an edge
const MAX_BYTES = 96 * 1024 * 1024; // of all steps

export class History {
  /**
   * @param {Mask} mask
   * @param {number} [room] bytes that all steps together may take; the latest step is kept regardless
   */
  constructor(mask, room = MAX_BYTES) {
    this.mask = mask;
    this.room = room;
    this.columns = Math.ceil(mask.width / TILE);
    /** @type {Step[]} */
    this.done = [];
    /** @type {Step[]} */
    this.undone = [];
    /** @type {Step | null} */
    this.current = null;
    this.hasForgotten = false;
  }

  /** @returns {boolean} whether the mask may differ from the original */
  get isChanged() {
    return this.hasForgotten || this.done.length > 0;
  }

  begin() {
    this.current = { tiles: new Map(), isInversion: false };
  }

  /** @param {Rect} rect the part of the mask that is about to change, kept for undo */
  keep({ x, y, width, height }) {
    for (let row = Math.floor(y / TILE); row * TILE < y + height; row++) {
      for (let column = Math.floor(x / TILE); column * TILE < x + width; column++) this.keepTile(row * this.columns + column);
    }
  }

  /** @param {number} tile */
  keepTile(tile) {
    const tiles = this.current?.tiles;
    if (tiles && !tiles.has(tile)) tiles.set(tile, this.read(tile));
  }

  /** Ends a step. A step that changed nothing is dropped. */
  commit() {
    const step = this.current;
    this.current = null;
    if (!step) return;
    for (const [tile, before] of step.tiles) if (isSame(before, this.read(tile))) step.tiles.delete(tile);
    if (step.tiles.size) this.add(step);
  }

  /** @returns {Rect | null} what was restored */
  abandon() {
    const step = this.current;
    this.current = null;
    return step && this.swap(step);
  }

  /** Inverts the mask. The step needs no memory, because inverting again undoes it. */
  invert() {
    this.mask.invert();
    this.add({ tiles: new Map(), isInversion: true });
  }

  /** @returns {Rect | null} what changed */
  undo() {
    return this.move(this.done, this.undone);
  }

  /** @returns {Rect | null} what changed */
  redo() {
    return this.move(this.undone, this.done);
  }

  /** @param {Step} step */
  add(step) {
    this.undone = [];
    this.done.push(step);
    let taken = this.done.reduce((sum, one) => sum + size(one), 0);
    while (taken > this.room && this.done.length > 1) {
      taken -= size(/** @type {Step} */ (this.done.shift()));
      this.hasForgotten = true;
    }
  }

  /** @param {Step[]} from @param {Step[]} to @returns {Rect | null} */
  move(from, to) {
    const step = from.pop();
    if (!step) return null;
    to.push(step);
    if (!step.isInversion) return this.swap(step);
    this.mask.invert();
    return this.mask.whole;
  }

  /** @param {Step} step swapped with the current content of its tiles @returns {Rect | null} what changed */
  swap(step) {
    /** @type {Rect | null} */
    let changed = null;
    for (const [tile, kept] of step.tiles) {
      step.tiles.set(tile, this.read(tile));
      this.write(tile, kept);
      changed = union(changed, this.rect(tile));
    }
    if (changed) this.mask.refresh(changed);
    return changed;
  }

  /** @param {number} tile @returns {Rect} */
  rect(tile) {
    const [x, y] = [(tile % this.columns) * TILE, Math.floor(tile / this.columns) * TILE];
    return { x, y, width: Math.min(TILE, this.mask.width - x), height: Math.min(TILE, this.mask.height - y) };
  }

  /** @param {number} tile @returns {Uint8Array | number} */
  read(tile) {
    const { x, y, width, height } = this.rect(tile);
    const copy = new Uint8Array(width * height);
    for (let row = 0; row < height; row++) {
      const start = (y + row) * this.mask.width + x;
      copy.set(this.mask.bytes.subarray(start, start + width), row * width);
    }
    return isAll(copy, copy[0]) ? copy[0] : copy;
  }

  /** @param {number} tile @param {Uint8Array | number} content */
  write(tile, content) {
    const { x, y, width, height } = this.rect(tile);
    for (let row = 0; row < height; row++) {
      const start = (y + row) * this.mask.width + x;
      if (typeof content === "number") this.mask.bytes.fill(content, start, start + width);
      else this.mask.bytes.set(content.subarray(row * width, (row + 1) * width), start);
    }
  }
}

/** @param {Step} step @returns {number} bytes, roughly */
function size({ tiles }) {
  let sum = 64;
  for (const content of tiles.values()) sum += typeof content === "number" ? 16 : content.length;
  return sum;
}

/** @param {Uint8Array | number} one @param {Uint8Array | number} other */
function isSame(one, other) {
  if (typeof one === "number" || typeof other === "number") return one === other;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
