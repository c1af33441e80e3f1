/** One slot's own page: its current picture, and the versions before it. */

import { copyName, downloadPicture, removeSlot, restoreVersion } from "./actions.js";
import { fetchHistory, fetchThumb } from "./client.js";
import { openSlot, openSlotMenu } from "./picture_menu.js";
import { bus } from "./store.js";
import { facts, frames, moment, origin, since } from "./text.js";
import { addGate } from "./to_canvas.js";
import { el, write } from "../dom.js";
import { guarded } from "../guard.js";
import { panelHead } from "../panel.js";
import { say } from "../say.js";
import { bytes } from "../text.js";
import { button, errorState, iconButton } from "../ui.js";

/** @typedef {import("./client.js").Slot} Slot */
/** @typedef {import("./client.js").Version} Version */

const HERO = 640; // pixels of the longer side, as all sizes here
const THUMB = 128;

export class SlotPage {
  /**
   * @param {Slot} slot
   * @param {import("./actions.js").Panel} panel
   */
  constructor(slot, panel) {
    this.slot = slot;
    this.panel = panel;
    this.closed = new AbortController();
    /** @type {Set<string>} */
    this.urls = new Set();
    /** @type {Version[]} */
    this.versions = [];
    this.asked = 0;
    this.picture = el("img", { class: "ds-bus-hero-picture", alt: say("Current picture of “{id}”", { id: slot.id }), draggable: false });
    this.now = el("div", { class: "ds-panel-facts ds-bus-now" });
    this.list = el("ol", { class: "ds-bus-versions" });
    this.element = el("div", { class: "ds-bus-page" }, this.head(), this.body());
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.refresh();
  }

  head() {
    const { id } = this.slot;
    this.backButton = iconButton("pi pi-arrow-left", "Back to all slots", () => this.panel.back());
    const copy = iconButton("pi pi-copy", "Copy the name", guarded("copy", () => copyName(id)));
    const remove = iconButton("pi pi-trash", "Delete", guarded("delete", () => this.remove()));
    const head = panelHead({ title: id, tools: [copy, remove] });
    head.title.title = id;
    head.element.querySelector(".ds-panel-head-line")?.prepend(this.backButton);
    return head.element;
  }

  body() {
    const { id } = this.slot;
    const actions = el(
      "div",
      { class: "ds-bus-actions" },
      button("Add gate", () => addGate(id), { kind: "main" }),
      button("Download", guarded("download", () => downloadPicture(id, ""))),
      button("Open", guarded("open", () => openSlot(id))),
    );
    this.picture.addEventListener("click", () => openSlot(id));
    this.picture.addEventListener("contextmenu", (event) => openSlotMenu(id, event));
    const hero = el("div", { class: "ds-bus-hero" }, this.picture);
    const heading = el("h3", { class: "ds-bus-subtitle" }, say("History"));
    return el("div", { class: "ds-bus-scroll" }, hero, this.now, actions, heading, this.list);
  }

  /** Shows the slot as it is now. */
  refresh() {
    this.slot = bus.find(this.slot.id) ?? this.slot;
    guarded("slot", () => this.showPicture())();
    guarded("history", () => this.showHistory())();
  }

  async showPicture() {
    const { id, size, since: then } = this.slot;
    const thumb = await this.thumb("", HERO);
    const words = [since(then), thumb && facts({ ...thumb, size })].filter(Boolean).join(" · ");
    this.picture.hidden = !thumb;
    if (thumb) this.picture.src = thumb.url;
    write(this.now, thumb ? words : `${words} · ${say("not readable")}`);
    this.now.title = `${id}, ${moment(then)}`;
  }

  async showHistory() {
    const asked = ++this.asked;
    const versions = await fetchHistory(this.slot.id).catch((error) => this.fail(error));
    if (!versions || asked !== this.asked) return; // a later question has the newer answer
    this.versions = versions;
    const rows = versions.map((version) => this.row(version));
    const none = el("li", { class: "ds-bus-none" }, say("Nothing yet. Pictures that later publishes replace are kept here."));
    this.list.replaceChildren(...(rows.length ? rows : [none]));
  }

  /** @param {{message: string, hint?: string}} error */
  fail(error) {
    this.list.replaceChildren(el("li", {}, errorState(error, () => this.refresh())));
  }

  /** @param {Version} version */
  row(version) {
    const { id } = this.slot;
    const image = el("img", { alt: "", hidden: true, draggable: false });
    const then = 1000 * version.created;
    const words = [since(then), bytes(version.size), version.frames > 1 ? frames(version.frames) : ""].filter(Boolean).join(" · ");
    const name = el("div", { class: "ds-panel-name" }, origin(version));
    const title = `${origin(version)} ${moment(then)}, ${facts(version)}`;
    const text = el("div", { class: "ds-panel-text", title }, name, el("div", { class: "ds-panel-facts" }, words));
    guarded("thumb", () => this.fill(image, version))();
    const tools = el(
      "div",
      { class: "ds-panel-tools" },
      iconButton("pi pi-clone", "Compare with the current picture", guarded("compare", () => this.compare(version))),
      iconButton("pi pi-undo", "Restore", guarded("restore", () => restoreVersion(id, version, this.panel.report))),
      iconButton("pi pi-download", "Download", guarded("download", () => downloadPicture(id, version.version))),
    );
    return el("li", { class: "ds-panel-row", "data-version": version.version }, el("div", { class: "ds-panel-thumb" }, image), text, tools);
  }

  /** @param {HTMLImageElement} image @param {Version} version */
  async fill(image, version) {
    const thumb = await this.thumb(version.version, THUMB);
    if (thumb) Object.assign(image, { src: thumb.url, hidden: false });
  }

  /** @param {Version} version */
  async compare(version) {
    const { openCompare } = await import("./compare.js");
    openCompare(this.slot, this.versions, version.version);
  }

  async remove() {
    if (await removeSlot(this.slot.id, this.panel.report)) this.panel.back();
  }

  /** @param {string} version @param {number} size */
  async thumb(version, size) {
    const thumb = await fetchThumb(this.slot.id, version, size, this.closed.signal).catch(() => null);
    if (thumb) this.urls.add(thumb.url);
    return thumb;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === "Escape") this.panel.back();
    else if (event.key !== "Delete" && event.key !== "Backspace") return;
    event.preventDefault();
    event.stopPropagation(); // ComfyUI would delete what is selected on the canvas
  }

  destroy() {
    this.closed.abort();
    this.urls.forEach((url) => URL.revokeObjectURL(url));
  }
}
