/** The mask of a waiting picture, laid over it in the painter's colour, with one switch for all gates. */

import { el } from "../dom.js";
import { keyOf } from "../keyboard.js";
import { say } from "../say.js";
import { Observable } from "../store.js";
import { previewUrl } from "./client.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

const KEPT = "datasete.gate.mask"; // in the browser: whether masks are shown is a matter of the screen, not of a workflow
const MAX_PIXELS = 2048; // of the longer edge; a tint needs no more

/** Calls its observers when masks are shown or hidden. */
export const tint = new Observable("tint");

let isShown = window.localStorage.getItem(KEPT) !== "hidden";

function toggle() {
  isShown = !isShown;
  window.localStorage.setItem(KEPT, isShown ? "shown" : "hidden");
  tint.notify();
}

/** @param {KeyboardEvent} event @returns {boolean} whether it was the key for the mask */
export function tintByKey(event) {
  if (keyOf(event) !== "m" || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return false;
  toggle();
  return true;
}

/** The tint over one picture, and the button that shows and hides it. Both keep their room. */
export class Tint {
  /** @param {string} names further classes of the layer */
  constructor(names) {
    this.layer = el("img", { class: `ds-gate-tint ${names}`, alt: "", draggable: false, hidden: true });
    this.layer.addEventListener("load", () => this.render());
    this.layer.addEventListener("error", () => this.forget());
    const icon = el("i", { class: "pi pi-eye", "aria-hidden": "true" });
    const label = say("Show the mask");
    this.switch = el("button", { type: "button", class: "ds-button ds-gate-tint-switch", title: `${label} (M)`, "aria-label": label, click: toggle }, icon);
    this.hasMask = false;
    tint.subscribe(() => this.render());
    this.render();
  }

  /** @param {Gate} gate @param {number} frame @param {number} pixels of its longer edge as shown */
  show(gate, frame, pixels) {
    this.hasMask = Boolean(gate.tinted);
    const url = `${previewUrl(gate, frame, Math.min(MAX_PIXELS, pixels))}&channel=tint&at=${gate.paintings ?? 0}`;
    if (this.hasMask && this.layer.getAttribute("src") !== url) this.layer.src = url;
    this.render();
  }

  /** The picture stays without its mask when there is none. */
  forget() {
    this.hasMask = false;
    this.layer.removeAttribute("src");
    this.render();
  }

  render() {
    this.layer.hidden = !(this.hasMask && isShown && this.layer.complete && this.layer.naturalWidth > 0);
    this.switch.style.visibility = this.hasMask ? "" : "hidden";
    this.switch.setAttribute("aria-pressed", String(isShown));
    /** @type {HTMLElement} */ (this.switch.firstElementChild).className = isShown ? "pi pi-eye" : "pi pi-eye-slash";
  }
}
