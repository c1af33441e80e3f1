/** The dialog that asks where to add a picture, and with which label. */

import { el, write } from "../dom.js";
import { guarded } from "../guard.js";
import { say } from "../say.js";
import { button } from "../ui.js";

/** @typedef {{id: string, name: string, isProfile: boolean}} Place */
/** @typedef {{place: Place | undefined, create: string, label: string, all: boolean}} Wish */

/**
 * @typedef {object} Question
 * @property {string} picture URL of a small picture of it
 * @property {string} size
 * @property {number} frame the one shown, from 0
 * @property {number} frames
 * @property {Place[]} places
 * @property {string} place id of the one to begin with
 * @property {(wish: Wish) => Promise<string>} keep returns why it was not added, or ""
 */

const NEW = "new";

export class PoolChooser {
  /** @param {Question} question */
  constructor(question) {
    this.question = question;
    const { places, place } = question;
    const update = () => this.update();
    const another = el("option", { value: NEW }, say("New profile…"));
    this.place = el("select", { class: "ds-field", change: update }, ...groups(places), another);
    this.place.value = places.some(({ id }) => id === place) ? place : (places[0]?.id ?? NEW);
    const text = { class: "ds-field", type: "text", autocomplete: "off" };
    this.name = el("input", { ...text, maxLength: 64, spellcheck: false, input: update });
    this.nameField = field(say("Name of the new profile"), this.name);
    this.label = el("input", { ...text, maxLength: 10000, placeholder: say("none") });
    this.all = el("input", { type: "radio", name: "ds-profile-frames" });
    this.refusal = el("div", { class: "ds-profile-refusal", role: "alert" });
    this.submit = button("Add", () => {}, { kind: "main", type: "submit" });
    this.form = el("form", { class: "ds-profile-form", submit: guarded("keep", (event) => this.send(event)) }, ...this.parts());
    const dialog = { "aria-label": say("Add to pool"), close: () => this.element.remove() };
    /** @type {HTMLDialogElement} */
    this.element = el("dialog", { class: "ds-profile-dialog ds-root", ...dialog }, this.form);
    // The canvas and the gate have shortcuts for keys that are typed here.
    this.element.addEventListener("keydown", (event) => event.stopPropagation());
  }

  /** @returns {Node[]} */
  parts() {
    const { picture, size, frames } = this.question;
    const cancel = button("Cancel", () => this.element.close());
    const about = say("{size}, added in full size and lossless, with its mask as it is now.", { size });
    return [
      el("h2", {}, say("Add to pool")),
      el("div", { class: "ds-profile-about" }, el("img", { src: picture, alt: "" }), el("span", {}, about)),
      field(say("Where"), this.place),
      this.nameField,
      ...(frames > 1 ? [this.frameChoice()] : []),
      field(say("Label"), this.label),
      this.refusal,
      el("div", { class: "ds-profile-ends" }, cancel, this.submit),
    ];
  }

  frameChoice() {
    const { frame, frames } = this.question;
    const one = el("input", { type: "radio", name: "ds-profile-frames", checked: true });
    return el(
      "fieldset",
      { class: "ds-profile-frames" },
      el("label", {}, one, say("This frame ({n} of {all})", { n: frame + 1, all: frames })),
      el("label", {}, this.all, say("All {n} frames", { n: frames })),
    );
  }

  open() {
    document.body.append(this.element);
    this.element.showModal();
    this.update();
    this.place.focus();
  }

  update() {
    const isNew = this.place.value === NEW;
    this.nameField.hidden = !isNew;
    this.submit.disabled = isNew && !this.name.value.trim();
  }

  /** @param {Event} event @returns {Promise<void>} */
  async send(event) {
    event.preventDefault();
    const { places, keep } = this.question;
    this.submit.disabled = true;
    write(this.submit, say("Adding…"));
    const refusal = await keep({
      place: places.find(({ id }) => id === this.place.value),
      create: this.place.value === NEW ? this.name.value.trim() : "",
      label: this.label.value,
      all: this.all.checked,
    });
    if (!refusal) return this.element.close();
    write(this.refusal, refusal);
    write(this.submit, say("Add"));
    return this.update();
  }
}

/** @param {string} label @param {HTMLElement} control */
const field = (label, control) => el("label", { class: "ds-profile-field" }, el("span", {}, label), control);

/** @param {Place[]} places */
function groups(places) {
  const profiles = places.filter(({ isProfile }) => isProfile);
  const pools = places.filter(({ isProfile }) => !isProfile);
  return [group(say("Profiles"), profiles), group(say("Pools in this workflow"), pools)].filter((each) => each.children.length);
}

/** @param {string} label @param {Place[]} places */
const group = (label, places) => el("optgroup", { label }, ...places.map(({ id, name }) => el("option", { value: id }, name)));
