/** A batch, in its loader and in the sidebar. Elements are made once; `update` brings them up to date. */

import { thumbUrl } from "./client.js";
import { PageValues } from "./page_note.js";
import { SkippedList } from "./skipped.js";
import { counts, resumeLabel, statusLine, timeLeft, triggerLine } from "./text.js";
import { el, write } from "../dom.js";
import { say } from "../say.js";
import { button } from "../ui.js";

/** @typedef {import("../../types/batch.js").Batch} Batch */

export const THUMB = 160; // twice what is shown, for fine screens

/**
 * @typedef {object} Actions
 * @property {(batch: Batch) => void} pause
 * @property {(batch: Batch) => void} resume
 * @property {(batch: Batch) => void} reset
 * @property {() => void} [resized] the card needs another height
 * @property {() => void} [browse] choose another folder
 * @property {(isHere: boolean) => void} [queueHere] have this tab queue the runs, or the server again
 */

/**
 * @typedef {object} State
 * @property {Batch | null | undefined} batch
 * @property {string} trigger the one that the configuration names
 * @property {boolean} busy whether an action is under way
 * @property {string} [note] what to show without a batch
 * @property {boolean} [isFault] whether the note says what is wrong
 * @property {boolean} [isWired] whether its folder comes through a wire
 * @property {{file: string, url: string} | null} [preview] the first picture, before any run
 * @property {{text: string, isHere: boolean} | null} [page] what the page alone chooses, and whether its tab queues the runs
 * @property {boolean} [isNamed] whether the folder's name is shown beside the card already
 */

export class BatchCard {
  /**
   * @param {Actions} actions
   * @param {string} label an accessible name for the card
   */
  constructor(actions, label) {
    /** @type {Batch | null | undefined} */
    this.batch = undefined;
    this.actions = actions;
    this.wanted = "";
    this.facts = makeFacts(() => this.settle());
    this.buttons = makeButtons((name) => this.batch && actions[name](this.batch));
    this.skipped = new SkippedList(() => actions.resized?.());
    this.page = new PageValues((isHere) => actions.queueHere?.(isHere));
    const { pause, resume, reset } = this.buttons;
    this.browse = button("Browse…", () => actions.browse?.(), { hidden: !actions.browse, title: say("Choose a folder") });
    this.element = el(
      "div",
      { class: "ds-batch-card ds-root ds-node", role: "group", "aria-label": label, tabIndex: -1, "data-testid": "datasete-batch" },
      ...arranged(this.facts),
      this.page.element,
      el("div", { class: "ds-batch-foot" }, pause, resume, this.skipped.toggle, this.browse, reset),
      this.skipped.element,
    );
  }

  /** @param {State} state */
  update({ batch, trigger, busy, note = "", isFault = false, isNamed = false, preview = null, page = null, isWired = false }) {
    this.page.update(page);
    this.batch = batch;
    const isStarted = Boolean(batch && batch.total);
    this.element.dataset.state = batch?.state ?? "none";
    this.element.setAttribute("aria-busy", String(busy));
    this.facts.bar.hidden = this.buttons.reset.hidden = !isStarted;
    this.facts.body.hidden = !isStarted && !preview;
    if (batch && isStarted) this.showBatch(batch, trigger, isNamed);
    else this.showNote(note, isFault, preview);
    this.updateButtons(batch, busy);
    this.browse.hidden = !this.actions.browse || batch?.state === "walking" || isWired;
    this.skipped.update(isStarted ? batch : null);
  }

  /** @param {Batch} batch @param {string} trigger @param {boolean} isNamed */
  showBatch(batch, trigger, isNamed) {
    write(this.facts.status, statusLine(batch, isNamed));
    this.facts.status.title = batch.status;
    write(this.facts.time, batch.eta === null ? "" : timeLeft(batch.eta));
    this.showBar(batch);
    write(this.facts.file, batch.file);
    this.facts.file.title = batch.file;
    write(this.facts.counts, counts(batch));
    this.showMessage(batch.message);
    write(this.facts.trigger, triggerLine(batch, trigger));
    this.showPicture(batch);
  }

  /** @param {string} note @param {boolean} isFault @param {{file: string, url: string} | null} preview */
  showNote(note, isFault, preview) {
    write(this.facts.status, isFault ? "" : note);
    this.facts.status.title = "";
    write(this.facts.time, "");
    write(this.facts.trigger, "");
    this.showMessage(isFault ? note : "");
    write(this.facts.file, preview?.file ?? "");
    this.facts.file.title = preview?.file ?? "";
    write(this.facts.counts, preview ? say("comes first") : "");
    if (preview) this.showUrl(preview.url);
  }

  /** @param {string} text */
  showMessage(text) {
    this.facts.message.hidden = !text;
    write(this.facts.message, text);
  }

  /** @param {Batch} batch */
  showBar({ done, skipped, total, index, state }) {
    // With a start_index, the files before it count as passed.
    const place = state === "finished" ? total : index;
    this.facts.done.style.width = `${(100 * Math.max(0, place - skipped)) / total}%`;
    this.facts.passed.style.width = `${(100 * Math.min(skipped, place)) / total}%`;
    this.facts.bar.setAttribute("aria-valuemax", String(total));
    this.facts.bar.setAttribute("aria-valuenow", String(place));
    this.facts.bar.setAttribute("aria-valuetext", `${done} done, ${skipped} skipped, of ${total}`);
  }

  /** @param {Batch} batch */
  showPicture(batch) {
    this.showUrl(thumbUrl(batch, THUMB));
  }

  /** @param {string} url of the picture to show */
  showUrl(url) {
    if (url === this.wanted) return;
    const isLoading = this.facts.picture.src && !this.facts.picture.complete;
    this.wanted = url;
    if (!isLoading) this.facts.picture.src = url; // a fast batch shows only as many as can be loaded
  }

  settle() {
    this.facts.frame.classList.toggle("ds-batch-empty", !this.facts.picture.naturalWidth);
    if (this.facts.picture.getAttribute("src") !== this.wanted) this.facts.picture.src = this.wanted;
  }

  /** @param {Batch | null | undefined} batch @param {boolean} busy */
  updateButtons(batch, busy) {
    const label = batch ? resumeLabel(batch) : "";
    this.buttons.pause.hidden = batch?.state !== "walking";
    this.buttons.resume.hidden = !label;
    if (label) write(this.buttons.resume, label);
    for (const each of Object.values(this.buttons)) each.disabled = busy;
  }
}

/** @param {() => void} settle the picture was loaded, or could not be */
function makeFacts(settle) {
  const done = el("span", { class: "ds-batch-done" });
  const passed = el("span", { class: "ds-batch-passed" });
  const picture = el("img", { class: "ds-batch-picture", alt: "", draggable: false, load: settle, error: settle });
  const file = el("div", { class: "ds-batch-file" });
  const counted = el("div", { class: "ds-batch-counts" });
  const frame = el("div", { class: "ds-batch-frame" }, picture);
  return {
    status: el("span", { class: "ds-status ds-batch-status", role: "status" }),
    time: el("span", { class: "ds-batch-time" }),
    bar: el("div", { class: "ds-batch-bar", role: "progressbar", "aria-label": say("Files"), "aria-valuemin": "0" }, done, passed),
    ...{ done, passed, picture, frame, file, counts: counted },
    body: el("div", { class: "ds-batch-body" }, frame, el("div", { class: "ds-batch-facts" }, file, counted)),
    message: el("div", { class: "ds-trouble ds-batch-message", role: "alert" }),
    trigger: el("div", { class: "ds-batch-trigger" }),
  };
}

/** @param {ReturnType<typeof makeFacts>} facts */
function arranged({ status, time, bar, body, message, trigger }) {
  return [el("div", { class: "ds-batch-head" }, status, time), bar, body, message, trigger];
}

/** @param {(name: "pause" | "resume" | "reset") => void} press */
function makeButtons(press) {
  return {
    pause: button("Pause", () => press("pause"), { title: say("Queue no more pictures; the current run finishes first") }),
    resume: button("Continue", () => press("resume"), {
      kind: "main",
      title: say("Continue with the first picture that is not done"),
    }),
    reset: button("Reset", () => press("reset"), { class: "ds-batch-reset", title: say("Start over with the next run") }),
  };
}
