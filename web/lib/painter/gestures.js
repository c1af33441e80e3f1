/**
 * Turns what a mouse, a pen or fingers do into strokes, drags and zooms.
 *
 * One finger paints, two move and zoom. Touches that begin while a pen is down are a palm, and are ignored until they
 * end. The right button and a pen's eraser erase; the middle button, or any button with Space, moves the picture.
 */

/** @typedef {{x: number, y: number, pressure: number}} Point in CSS pixels from the stage's corner; pressure 0..1 */

/**
 * @typedef {object} Handlers what gestures do
 * @property {(point: Point, isErasing: boolean) => void} begin
 * @property {(points: Point[]) => void} extend
 * @property {() => void} end
 * @property {() => void} abandon what began as a stroke was something else
 * @property {(dx: number, dy: number) => void} pan
 * @property {(factor: number, x: number, y: number) => void} zoom
 * @property {(at: Point | null) => void} hover
 */

const ERASER_BUTTON = 32;
const ZOOM_PER_PIXEL = 0.0016; // of the wheel

export class Gestures {
  /**
   * @param {HTMLElement} stage
   * @param {Handlers} handlers
   * @param {AbortSignal} signal
   */
  constructor(stage, handlers, signal) {
    this.stage = stage;
    this.handlers = handlers;
    this.isSpaceHeld = false;
    /** @type {"" | "draw" | "pan" | "pinch" | "wait"} */
    this.mode = "";
    /** @type {number | null} the pointer that draws or drags */
    this.active = null;
    /** @type {Map<number, Point>} fingers on the stage */
    this.fingers = new Map();
    this.isPen = false;
    const on = (/** @type {string} */ name, /** @type {(event: any) => void} */ act) =>
      stage.addEventListener(name, act, { signal, passive: false });
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", (event) => this.up(event));
    on("pointerleave", (event) => this.active === null && event.pointerType !== "touch" && handlers.hover(null));
    on("wheel", (event) => this.wheel(event));
    on("contextmenu", (event) => event.preventDefault());
    on("touchstart", (event) => event.preventDefault()); // no magnifier, no double tap, no mouse events afterwards
  }

  /** @param {PointerEvent} event @returns {Point} */
  at(event) {
    const { left, top } = this.stage.getBoundingClientRect();
    const pressure = event.pointerType === "pen" ? event.pressure : 1;
    return { x: event.clientX - left, y: event.clientY - top, pressure };
  }

  /** @param {PointerEvent} event */
  down(event) {
    event.preventDefault();
    this.stage.focus({ preventScroll: true });
    const isTouch = event.pointerType === "touch";
    if (isTouch && this.isPen) return; // a palm
    this.stage.setPointerCapture(event.pointerId);
    if (isTouch) this.fingers.set(event.pointerId, this.at(event));
    if (event.pointerType === "pen") this.takePen();
    if (this.fingers.size > 1) this.pinch();
    else if (this.active === null && !this.mode) this.start(event);
  }

  /** A pen wins over what the hand touched on its way. */
  takePen() {
    this.isPen = true;
    this.fingers.clear();
    if (this.mode === "draw") this.handlers.abandon();
    this.mode = "";
    this.active = null;
  }

  pinch() {
    if (this.mode === "draw") this.handlers.abandon();
    this.active = null;
    this.mode = "pinch";
    this.handlers.hover(null);
  }

  /** @param {PointerEvent} event */
  start(event) {
    const isPan = event.button === 1 || this.isSpaceHeld;
    const isErasing = event.button === 2 || (event.buttons & ERASER_BUTTON) !== 0;
    this.active = event.pointerId;
    this.mode = isPan ? "pan" : "draw";
    this.last = this.at(event);
    if (isPan) this.mark();
    else this.handlers.begin(this.last, isErasing);
  }

  /** @param {PointerEvent} event */
  move(event) {
    const point = this.at(event);
    if (this.mode === "pinch") this.movePinch(event.pointerId, point);
    else if (this.active === event.pointerId) this.drag(event, point);
    else if (this.active === null && event.pointerType !== "touch") this.handlers.hover(this.isSpaceHeld ? null : point);
  }

  /** @param {PointerEvent} event @param {Point} point */
  drag(event, point) {
    const last = this.last ?? point;
    this.last = point;
    if (this.mode === "pan") {
      this.handlers.pan(point.x - last.x, point.y - last.y);
      return;
    }
    const between = event.getCoalescedEvents?.() ?? [];
    this.handlers.extend(between.length ? between.map((one) => this.at(one)) : [point]);
    this.handlers.hover(point);
  }

  /** @param {number} id @param {Point} point */
  movePinch(id, point) {
    if (!this.fingers.has(id) || this.fingers.size < 2) return;
    const before = span([...this.fingers.values()]);
    this.fingers.set(id, point);
    const after = span([...this.fingers.values()]);
    this.handlers.pan(after.x - before.x, after.y - before.y);
    if (before.length > 0 && after.length > 0) this.handlers.zoom(after.length / before.length, after.x, after.y);
  }

  /** @param {PointerEvent} event */
  up(event) {
    const wasFinger = this.fingers.delete(event.pointerId);
    if (event.pointerType === "pen") this.isPen = false;
    if (this.mode === "pinch" || this.mode === "wait") {
      if (wasFinger) this.mode = this.fingers.size ? "wait" : ""; // the finger that is still down does not paint
      return;
    }
    if (this.active !== event.pointerId) return;
    if (this.mode === "draw") this.finish(event);
    this.active = null;
    this.mode = "";
    this.mark();
    if (event.pointerType === "touch") this.handlers.hover(null);
  }

  /** @param {PointerEvent} event */
  finish(event) {
    // A cancelled touch was meant for the system, but what a pen or a mouse has drawn is meant.
    if (event.type === "pointercancel" && event.pointerType === "touch") this.handlers.abandon();
    else this.handlers.end();
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
    const speed = event.ctrlKey ? 6 : 1; // a pinch on a trackpad arrives as small wheel steps with Ctrl
    const { left, top } = this.stage.getBoundingClientRect();
    this.handlers.zoom(Math.exp(-event.deltaY * lines * speed * ZOOM_PER_PIXEL), event.clientX - left, event.clientY - top);
  }

  /** @param {boolean} isHeld */
  holdSpace(isHeld) {
    this.isSpaceHeld = isHeld;
    if (isHeld) this.handlers.hover(null);
    this.mark();
  }

  mark() {
    this.stage.classList.toggle("ds-painter-movable", this.isSpaceHeld || this.mode === "pan");
  }
}

/** @param {Point[]} fingers @returns {{x: number, y: number, length: number}} the middle between two fingers, and their distance */
function span([one, other]) {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2, length: Math.hypot(one.x - other.x, one.y - other.y) };
}
