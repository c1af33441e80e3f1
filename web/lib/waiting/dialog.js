/** The list of waiting gates in a dialog: for phones, and for ComfyUI's App mode, whose sidebar has no tabs of ours. */

import { el } from "../dom.js";
import { show } from "../gate/reveal.js";
import { guarded } from "../guard.js";
import { say } from "../say.js";
import { iconButton } from "../ui.js";
import { WaitingList } from "./list.js";

export function openWaitingList() {
  const list = new WaitingList((gate) => {
    dialog.close();
    guarded("show gate", show)(gate);
  });
  const close = iconButton("pi pi-times", "Close", () => dialog.close());
  const head = el("div", { class: "ds-panel-head ds-panel-head-line" }, el("h2", { class: "ds-panel-title" }, say("Waiting gates")), close);
  const dialog = el(
    "dialog",
    {
      class: "ds-root ds-waiting-dialog",
      "aria-label": say("Waiting gates"),
      "data-testid": "datasete-waiting-dialog",
      keydown: (/** @type {KeyboardEvent} */ event) => event.stopPropagation(), // keep keys from the canvas
      click: (/** @type {Event} */ { target }) => target === dialog && dialog.close(), // beside the list
      close: () => {
        list.destroy();
        dialog.remove();
      },
    },
    el("div", { class: "ds-waiting-sheet" }, head, list.element),
  );
  document.body.append(dialog);
  dialog.showModal();
}
