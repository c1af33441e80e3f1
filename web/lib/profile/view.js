/** What a profile node shows below its dropdown: the state, what to do about it, and the buttons. */

import { el, write } from "../dom.js";
import { say } from "../say.js";
import { button } from "../ui.js";

/**
 * @typedef {object} Notice
 * @property {string} message
 * @property {string} [hint]
 * @property {boolean} [isTrouble]
 * @property {{label: string, title?: string, run: () => void}[]} [actions]
 */

/**
 * @typedef {object} Work what is under way
 * @property {string} text
 * @property {number} [share] from 0 to 1; missing when it is not known
 * @property {() => void} [cancel]
 */

/**
 * @typedef {object} Shown
 * @property {Notice} notice
 * @property {Work | undefined} work
 * @property {boolean} isChosen whether a profile is chosen that is there
 * @property {boolean} isReady whether the list of profiles can be read
 * @property {boolean} canAdopt whether a pool without a name is wired to it
 */

/** @typedef {"create" | "adopt" | "import" | "rename" | "duplicate" | "export" | "remove"} Task */

/** @returns {[Task, string, string][]} each with its label and its title */
const tasks = () => [
  ["create", say("Create"), say("Make an empty profile")],
  ["adopt", say("Adopt pool"), say("Make a profile from the pictures in the connected pool, which has no name yet")],
  ["import", say("Import"), say("Read a profile, or a training set, from a file")],
  ["rename", say("Rename"), say("Give the profile another name")],
  ["duplicate", say("Duplicate"), say("Copy the profile with all its pictures")],
  ["export", say("Export"), say("Save the profile as a file, to take it to another machine")],
  ["remove", say("Delete"), say("Delete the profile with its pictures")],
];
const [BASE, LINE, ROW, CHARACTERS] = [90, 17, 34, 48];
const FINGER = 8; // pixels by which a button is higher where fingers press it
const NEEDS_PROFILE = new Set(["rename", "duplicate", "export", "remove"]);

export class ProfileView {
  /** @param {(task: Task, button: HTMLElement) => void} run */
  constructor(run) {
    this.message = el("div", { class: "ds-profile-message" });
    this.hint = el("div");
    this.actions = el("div", { class: "ds-profile-actions" });
    this.notice = el("div", { class: "ds-profile-notice", role: "status" }, this.message, this.hint, this.actions);
    this.work = new WorkLine();
    this.buttons = Object.fromEntries(
      tasks().map(([task, label, title]) => [task, button(label, () => run(task, this.buttons[task]), { title, "data-task": task })]),
    );
    this.buttons.export.setAttribute("aria-haspopup", "menu");
    this.buttons.remove.classList.add("ds-danger");
    const [create, adopt, bring, ...rest] = Object.values(this.buttons);
    this.element = el(
      "div",
      { class: "ds-profile-profile ds-root ds-node", role: "group", "aria-label": say("Pool profile"), "data-testid": "datasete-profile" },
      this.notice,
      this.work.element,
      el("div", { class: "ds-profile-buttons ds-profile-three" }, create, adopt, bring),
      el("div", { class: "ds-profile-buttons ds-profile-four" }, ...rest),
    );
  }

  /** @param {Shown} shown */
  update({ notice, work, isChosen, isReady, canAdopt }) {
    write(this.message, notice.message);
    write(this.hint, notice.hint ?? "");
    this.hint.hidden = !notice.hint;
    this.notice.classList.toggle("ds-profile-trouble", Boolean(notice.isTrouble));
    this.showActions(work ? [] : (notice.actions ?? []));
    this.work.update(work);
    for (const [task, each] of Object.entries(this.buttons)) {
      const isFit = task === "adopt" ? canAdopt : !NEEDS_PROFILE.has(task) || isChosen;
      each.disabled = Boolean(work) || !isReady || !isFit;
    }
    this.element.setAttribute("aria-busy", String(Boolean(work)));
  }

  /** @param {NonNullable<Notice["actions"]>} actions */
  showActions(actions) {
    const key = JSON.stringify(actions.map(({ label }) => label));
    this.actions.hidden = !actions.length;
    if (this.actions.dataset.key === key) return; // a button that is being pressed stays
    this.actions.dataset.key = key;
    this.actions.replaceChildren(
      ...actions.map(({ label, title = "", run }) => button(label, run, { title })),
    );
  }

  /** @returns {number} pixels that it needs, at the width that its node has at least */
  get height() {
    const hint = this.hint.hidden ? 0 : linesOf(this.hint);
    const finger = matchMedia("(pointer: coarse)").matches ? FINGER : 0;
    const lines = LINE * (linesOf(this.message) - 1 + hint);
    const rows = [this.actions, this.work.element].filter((row) => !row.hidden).length;
    const frame = this.notice.classList.contains("ds-profile-trouble") ? 14 : 0;
    return BASE + lines + frame + rows * (ROW + finger) + 2 * finger;
  }
}

/** @param {HTMLElement} element */
const linesOf = ({ textContent }) => Math.max(1, Math.ceil((textContent ?? "").length / CHARACTERS));

/** What is being done, with a bar and a button to cancel. */
class WorkLine {
  constructor() {
    this.text = el("span", { class: "ds-profile-work-text" });
    this.bar = el("progress", { class: "ds-progress", max: 1, "aria-label": say("Progress") });
    /** @type {(() => void) | undefined} */
    this.onCancel = undefined;
    this.cancel = button("Cancel", () => this.onCancel?.(), { "data-task": "cancel" });
    this.element = el("div", { class: "ds-profile-work", role: "status", hidden: true }, this.text, this.bar, this.cancel);
  }

  /** @param {Work | undefined} work */
  update(work) {
    this.element.hidden = !work;
    if (!work) return;
    write(this.text, work.text);
    if (work.share === undefined) this.bar.removeAttribute("value");
    else this.bar.value = work.share;
    this.onCancel = work.cancel;
    this.cancel.hidden = !work.cancel;
  }
}
