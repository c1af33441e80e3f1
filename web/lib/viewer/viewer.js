/** Pictures of a pool or of the bus as large as the window: zoom and pan as at a gate, and one after the other. */

import { el, write } from "../dom.js";
import { saveFrom } from "../download.js";
import { say } from "../say.js";
import { Zoom } from "../zoom.js";
import { listenToZoom, zoomByKey } from "../zoom_input.js";
import { placeLayers, viewButton } from "../zoom_view.js";
import { copyPicture } from "./copy_picture.js";

const STEP = 1.5;

/**
 * @typedef {object} Shown a picture to show
 * @property {string} url of the whole picture
 * @property {string} name what it is called
 * @property {string} file the name that it is saved under
 */

/**
 * @param {Shown[]} pictures with two of them, the arrows compare them at the same place
 * @param {number} [at] index of the first to show
 */
export function openViewer(pictures, at = 0) {
  new PictureViewer(pictures, at).open();
}

class PictureViewer {
  /** @param {Shown[]} pictures @param {number} at */
  constructor(pictures, at) {
    this.pictures = pictures;
    this.at = at;
    this.opener = document.activeElement;
    this.size = { width: 1, height: 1 };
    this.zoom = new Zoom(() => this.place());
    this.picture = el("img", { class: "ds-viewer-picture", draggable: false, load: () => this.arrived(), error: () => this.failed() });
    this.stage = el("div", { class: "ds-viewer-stage", tabIndex: 0, autofocus: true, role: "group", "aria-label": say("Picture") }, this.picture);
    this.status = el("span", { class: "ds-viewer-status", role: "status" });
    this.percent = el("output", { class: "ds-viewer-percent", "aria-label": say("Zoom") });
    this.back = tool("pi-angle-left", say("Previous picture (←)"), () => this.go(-1));
    this.next = tool("pi-angle-right", say("Next picture (→)"), () => this.go(1));
    this.element = this.build();
    listenToZoom(this.stage, this.zoom);
    this.sizes = new ResizeObserver(() => this.measure());
  }

  build() {
    const tools = el(
      "div",
      { class: "ds-viewer-tools" },
      tool("pi-minus", say("Zoom out (-)"), () => this.zoom.by(1 / STEP)),
      this.percent,
      tool("pi-plus", say("Zoom in (+)"), () => this.zoom.by(STEP)),
      tool("pi-copy", say("Copy the picture"), () => copyPicture(this.shown.url)),
      tool("pi-download", say("Save to a file"), () => saveFrom(this.shown.url, this.shown.file)),
      tool("pi-times", say("Close (Esc)"), () => this.element.close()),
    );
    this.back.classList.add("ds-viewer-back");
    this.next.classList.add("ds-viewer-next");
    return el(
      "dialog",
      {
        class: "ds-root ds-viewer",
        "aria-label": say("Picture"),
        "data-testid": "datasete-picture-viewer",
        keydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
        close: () => this.closed(),
      },
      el("div", { class: "ds-viewer-head" }, this.status, tools),
      el("div", { class: "ds-viewer-room" }, this.stage, this.back, this.next),
    );
  }

  get shown() {
    return this.pictures[this.at];
  }

  open() {
    document.body.append(this.element);
    this.element.showModal();
    this.sizes.observe(this.stage);
    this.measure();
    this.show();
  }

  closed() {
    this.sizes.disconnect();
    this.element.remove();
    if (this.opener instanceof HTMLElement && this.opener.isConnected) this.opener.focus({ preventScroll: true });
  }

  /** @param {number} step */
  go(step) {
    const wanted = Math.min(this.pictures.length - 1, Math.max(0, this.at + step));
    if (wanted === this.at) return;
    this.at = wanted;
    this.show();
  }

  show() {
    this.picture.src = this.shown.url;
    this.picture.alt = this.shown.name;
    this.back.hidden = this.next.hidden = this.pictures.length < 2;
    this.back.disabled = this.at === 0;
    this.next.disabled = this.at === this.pictures.length - 1;
    this.describe("");
  }

  arrived() {
    this.size = { width: this.picture.naturalWidth, height: this.picture.naturalHeight };
    this.describe(`${this.size.width}×${this.size.height}`);
    this.zoom.show(this.size);
  }

  failed() {
    this.describe(say("The picture cannot be shown. Its file may be damaged or missing."));
  }

  /** @param {string} more */
  describe(more) {
    const number = this.pictures.length > 1 ? `${this.at + 1} / ${this.pictures.length}` : "";
    write(this.status, [this.shown.name, number, more].filter(Boolean).join(" · "));
  }

  measure() {
    this.zoom.resize(this.stage.clientWidth, this.stage.clientHeight, window.devicePixelRatio);
  }

  place() {
    placeLayers(this.zoom, this.size, [this.picture], "ds-viewer-pixels", this.percent);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    event.stopPropagation(); // keep keys from the canvas
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step && this.pictures.length > 1) this.go(step);
    else if (!zoomByKey(event, this.zoom)) return;
    event.preventDefault();
  }
}

/** @param {string} icon @param {string} title what it does @param {() => void} click */
const tool = (icon, title, click) => viewButton(icon, title, click, "ds-viewer-tool");
