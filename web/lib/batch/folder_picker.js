/** Chooses a folder of the server in a dialog: below input and output, and in spaces. */

import { fetchFolders } from "./client.js";
import { el, write } from "../dom.js";
import { guarded } from "../guard.js";
import { say } from "../say.js";
import { button, iconButton, sentences } from "../ui.js";

/** @typedef {import("../../types/batch.js").Folders} Folders */

/**
 * @param {string} start the folder to begin with
 * @param {(directory: string) => void} choose called with the one that was chosen
 */
export function chooseFolder(start, choose) {
  const picker = new FolderPicker(choose);
  document.body.append(picker.dialog);
  picker.dialog.showModal();
  guarded("folders", () => picker.open(start, true))();
}

class FolderPicker {
  /** @param {(directory: string) => void} choose */
  constructor(choose) {
    /** @type {Folders} */
    this.shown = { at: "", up: null, folders: [] };
    this.where = el("bdi", {});
    this.trouble = el("div", { class: "ds-trouble", role: "alert", hidden: true });
    this.list = el("div", { class: "ds-folders-list", role: "list" });
    this.up = button("Up", guarded("folders", () => this.open(this.shown.up ?? "")));
    this.take = button("Choose this folder", () => this.close(() => choose(this.shown.at)), { kind: "main" });
    const title = el("h2", { class: "ds-folders-title" }, say("Choose a folder"));
    const head = el("div", { class: "ds-folders-head" }, title, iconButton("pi pi-times", "Close", () => this.close()));
    const where = el("div", { class: "ds-folders-where" }, this.where);
    this.dialog = el(
      "dialog",
      {
        class: "ds-root ds-folders",
        "aria-label": say("Choose a folder"),
        "data-testid": "datasete-folders",
        keydown: (/** @type {KeyboardEvent} */ event) => event.stopPropagation(), // keep keys from the canvas
        click: (/** @type {Event} */ { target }) => target === this.dialog && this.close(), // beside the sheet
        close: () => this.dialog.remove(),
      },
      el("div", { class: "ds-folders-sheet" }, head, where, this.trouble, this.list, el("div", { class: "ds-folders-foot" }, this.up, this.take)),
    );
  }

  /** @param {() => void} [then] */
  close(then) {
    this.dialog.close();
    then?.();
  }

  /** @param {string} at @param {boolean} [isFirst] begin at the top where it cannot be shown */
  async open(at, isFirst = false) {
    try {
      this.show(await fetchFolders(at));
    } catch (error) {
      if (isFirst && at) await this.open("");
      else this.fail(/** @type {any} */ (error));
    }
  }

  /** @param {{message: string, hint?: string}} error */
  fail(error) {
    this.trouble.hidden = false;
    write(this.trouble, sentences(error));
  }

  /** @param {Folders} found */
  show(found) {
    this.shown = found;
    this.trouble.hidden = true;
    write(this.where, found.at === "." ? "input" : found.at || say("Places"));
    this.up.disabled = found.up === null;
    this.take.disabled = !found.at;
    const rows = found.folders.map(({ name, directory }) =>
      el("div", { role: "listitem" }, el("button", { type: "button", class: "ds-folder", click: guarded("folders", () => this.open(directory)) }, name)),
    );
    const none = el("p", { class: "ds-folders-none" }, say("No folders in here"));
    this.list.replaceChildren(...(rows.length ? rows : [none]));
    this.list.querySelector("button")?.focus();
  }
}
