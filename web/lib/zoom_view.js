/** What full-size views have in common: their small buttons, and where the zoom puts their pictures. */

import { el, write } from "./dom.js";

/** @typedef {import("./zoom.js").Zoom} Zoom */

const LARGE_PIXELS = 4; // screen pixels for one of the picture, from which it is shown without smoothing

/**
 * @param {string} face the name of an icon, or a word in its place
 * @param {string} title what it does, with its key in brackets
 * @param {() => void} click
 * @param {string} names further classes
 * @returns {HTMLButtonElement}
 */
export function viewButton(face, title, click, names) {
  const mark = face.startsWith("pi-") ? el("i", { class: ["pi", face].join(" "), "aria-hidden": "true" }) : face;
  const label = title.replace(/ \(.*/, "");
  return el("button", { type: "button", class: `ds-button ds-quiet ${names}`, title, "aria-label": label, click }, mark);
}

/**
 * @param {Zoom} zoom
 * @param {{width: number, height: number}} size of the picture
 * @param {HTMLElement[]} layers that lie over each other
 * @param {string} pixels the class of a layer whose pixels are large
 * @param {HTMLElement} percent shows the scale
 */
export function placeLayers({ scale, x, y, ratio }, { width, height }, layers, pixels, percent) {
  for (const { style, classList } of layers) {
    style.width = `${width}px`;
    style.height = `${height}px`;
    style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    classList.toggle(pixels, scale * ratio >= LARGE_PIXELS);
  }
  write(percent, `${Math.round(scale * ratio * 100)} %`);
}
