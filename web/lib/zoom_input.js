/** Wheel, drag, pinch and double click on a picture that can be zoomed. */

import { keyOf } from "./keyboard.js";

/** @typedef {import("./zoom.js").Zoom} Zoom */

const STEP = 1.25;
const WHEEL = 0.0015;
const PINCH = 0.01; // a pinch on a touchpad arrives as a wheel with Ctrl
const PAN = 60;

/**
 * @param {HTMLElement} element the frame that the picture moves in
 * @param {Zoom} zoom
 */
export function listenToZoom(element, zoom) {
  const pointers = new Pointers(element, zoom);
  element.addEventListener("wheel", (event) => onWheel(event, element, zoom), { passive: false });
  element.addEventListener("dblclick", (event) => zoom.toggle(...at(element, event)));
  element.addEventListener("pointerdown", (event) => pointers.down(event));
  element.addEventListener("pointermove", (event) => pointers.move(event));
  for (const end of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
    element.addEventListener(end, (event) => pointers.up(event));
  }
}

/**
 * @param {KeyboardEvent} event
 * @param {Zoom} zoom
 * @returns {boolean} whether the key is one of the picture's
 */
export function zoomByKey(event, zoom) {
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  const acts = /** @type {Record<string, () => void>} */ ({
    "+": () => zoom.by(STEP),
    "=": () => zoom.by(STEP),
    "-": () => zoom.by(1 / STEP),
    _: () => zoom.by(1 / STEP),
    f: () => zoom.toggle(),
    ArrowLeft: () => zoom.pan(PAN, 0),
    ArrowRight: () => zoom.pan(-PAN, 0),
    ArrowUp: () => zoom.pan(0, PAN),
    ArrowDown: () => zoom.pan(0, -PAN),
  });
  const key = event.key.length === 1 ? keyOf(event) : event.key;
  acts[key]?.();
  return key in acts;
}

/**
 * @param {HTMLElement} element
 * @param {MouseEvent} event
 * @returns {[number, number]} from the element's corner
 */
function at(element, event) {
  const { left, top } = element.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}

/** @param {WheelEvent} event @param {HTMLElement} element @param {Zoom} zoom */
function onWheel(event, element, zoom) {
  event.preventDefault();
  event.stopPropagation();
  const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
  zoom.by(Math.exp(-event.deltaY * lines * (event.ctrlKey ? PINCH : WHEEL)), ...at(element, event));
}

/** The fingers, or the mouse, that drag the picture. */
class Pointers {
  /** @param {HTMLElement} element @param {Zoom} zoom */
  constructor(element, zoom) {
    this.element = element;
    this.zoom = zoom;
    /** @type {Map<number, [number, number]>} */
    this.points = new Map();
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button > 1 || /** @type {Element} */ (event.target).closest("button")) return;
    event.preventDefault();
    this.element.setPointerCapture(event.pointerId);
    this.points.set(event.pointerId, at(this.element, event));
    this.element.classList.add("ds-held");
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (!this.points.has(event.pointerId)) return;
    const before = this.grip();
    this.points.set(event.pointerId, at(this.element, event));
    const now = this.grip();
    this.zoom.pan(now.x - before.x, now.y - before.y);
    if (before.span && now.span) this.zoom.by(now.span / before.span, now.x, now.y);
  }

  /** @param {PointerEvent} event */
  up(event) {
    this.points.delete(event.pointerId);
    this.element.classList.toggle("ds-held", this.points.size > 0);
  }

  /** The point that the picture is dragged by, and how far apart the first two fingers are; 0 with one. */
  grip() {
    const points = [...this.points.values()].slice(0, 2);
    const [x, y] = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
    const span = points.length > 1 ? Math.hypot(points[0][0] - points[1][0], points[0][1] - points[1][1]) : 0;
    return { x, y, span };
  }
}
