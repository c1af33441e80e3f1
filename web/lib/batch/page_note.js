/** Says in a loader's card which values stand still while the server queues the runs, and offers to have this tab do it. */

import { el, write } from "../dom.js";
import { say } from "../say.js";
import { button } from "../ui.js";

export class PageValues {
  /** @param {(isHere: boolean) => void} choose */
  constructor(choose) {
    this.isHere = false;
    this.text = el("div", { class: "ds-batch-page-text" });
    this.button = button("", () => choose(!this.isHere));
    this.element = el("div", { class: "ds-batch-page", role: "note", hidden: true }, this.text, this.button);
  }

  /** @param {{text: string, isHere: boolean} | null} state */
  update(state) {
    this.element.hidden = !state;
    if (!state) return;
    this.isHere = state.isHere;
    write(this.text, state.text);
    this.text.title = state.text;
    write(this.button, state.isHere ? say("Let the server queue the runs") : say("Let this tab queue the runs"));
  }
}

/**
 * @param {string[]} names what the page alone chooses
 * @param {boolean} isHere whether its tab queues the runs
 * @param {string} trigger the one that the configuration names
 * @returns {{text: string, isHere: boolean} | null} what to say about it
 */
export function pageNote(names, isHere, trigger) {
  if (!["auto", "server"].includes(trigger) || (!names.length && !isHere)) return null;
  if (isHere) return { text: say("This tab queues the runs. Keep it open."), isHere };
  const shown = names.length > 2 ? `${names.slice(0, 2).join(", ")}…` : names.join(", ");
  return { text: say("Only this page chooses {names}: the same for all pictures while the server queues the runs.", { names: shown }), isHere };
}
