/** The painter's buttons and sliders. Each tooltip names its key. */

import { el, write } from "../dom.js";
import { say } from "../say.js";
import { icon } from "./icons.js";

/** @typedef {import("./editor.js").Editor} Editor */
/** @typedef {import("./icons.js").IconName} IconName */

const IS_MAC = /Mac|iP(hone|ad)/.test(navigator.platform);
const CONTROL = IS_MAC ? "Meta" : "Control";
const SIZE_STEPS = 200; // of the slider, which is logarithmic: small sizes need as much of it as large ones

export class Toolbar {
  /**
   * @param {Editor} editor
   * @param {Record<string, () => void>} acts what the buttons do, by name
   */
  constructor(editor, acts) {
    this.editor = editor;
    const make = (/** @type {IconName} */ name, /** @type {string} */ label, /** @type {string} */ key) =>
      button(name, label, key, acts[name]);
    this.brush = make("brush", say("Brush"), "B");
    this.eraser = make("eraser", say("Eraser"), "E");
    this.undo = make("undo", say("Undo"), "Ctrl+Z");
    this.redo = make("redo", say("Redo"), "Ctrl+Shift+Z");
    this.whole = [make("invert", say("Invert"), "I"), make("fill", say("Fill"), "F"), make("clear", say("Clear"), "X")];
    this.size = slider(say("Size"), say("[ and ]"), SIZE_STEPS, (value) => editor.setSize(editor.largest ** (value / SIZE_STEPS)));
    this.hardness = slider(say("Hardness"), say("{ and }"), 100, (value) => editor.setHardness(value / 100));
    this.zoom = el("output", { class: "ds-painter-zoom", "aria-label": say("Zoom") });
    this.element = el(
      "div",
      { class: "ds-painter-tools", role: "toolbar", "aria-label": say("Tools") },
      group("", this.brush, this.eraser),
      group("ds-painter-sliders", this.size.element, this.hardness.element),
      group("", this.undo, this.redo),
      group("", ...this.whole),
      group("ds-painter-view", make("farther", say("Zoom out"), "−"), this.zoom, make("closer", say("Zoom in"), "+")),
      group("", make("fit", say("Fit to the window"), "0")),
    );
  }

  /** @param {boolean} isBusy whether the mask cannot be changed at the moment */
  update(isBusy) {
    const { editor } = this;
    press(this.brush, !editor.isEraser);
    press(this.eraser, editor.isEraser);
    this.undo.disabled = isBusy || !editor.history.done.length;
    this.redo.disabled = isBusy || !editor.history.undone.length;
    for (const one of this.whole) one.disabled = isBusy;
    this.size.show((SIZE_STEPS * Math.log(editor.size)) / Math.log(editor.largest), `${editor.size} px`);
    this.hardness.show(100 * editor.hardness, `${Math.round(100 * editor.hardness)} %`);
  }

  /** @param {number} scale */
  showZoom(scale) {
    const percent = 100 * scale;
    write(this.zoom, `${percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`);
  }
}

/** @param {string} kind @param {...HTMLElement} children */
function group(kind, ...children) {
  return el("div", { class: `ds-painter-group ${kind}` }, ...children);
}

/** @param {IconName} name @param {string} label @param {string} key @param {() => void} click */
function button(name, label, key, click) {
  const hint = IS_MAC ? key.replace("Ctrl+", "⌘").replace("Shift+", "⇧") : key;
  const about = { title: `${label} (${hint})`, "aria-label": label, "aria-keyshortcuts": key.replace("Ctrl", CONTROL) };
  return el("button", { type: "button", class: "ds-button ds-quiet ds-painter-tool", "data-act": name, click, ...about }, icon(name));
}

/** @param {HTMLElement} one @param {boolean} isPressed */
function press(one, isPressed) {
  one.setAttribute("aria-pressed", String(isPressed));
}

/**
 * @param {string} label
 * @param {string} keys
 * @param {number} max
 * @param {(value: number) => void} change
 */
function slider(label, keys, max, change) {
  const input = el("input", { type: "range", min: "0", max: String(max), step: "1", title: `${label} (${keys})` });
  input.setAttribute("aria-label", label);
  input.addEventListener("input", () => change(input.valueAsNumber));
  const value = el("span", { class: "ds-painter-value", "aria-hidden": "true" });
  const element = el("label", { class: "ds-painter-slider" }, el("span", {}, label), input, value);
  return {
    element,
    /** @param {number} position @param {string} text */
    show(position, text) {
      if (Math.round(position) !== input.valueAsNumber) input.value = String(Math.round(position));
      input.style.setProperty("--ds-painter-share", `${(100 * position) / max}%`);
      input.setAttribute("aria-valuetext", text);
      write(value, text);
    },
  };
}
