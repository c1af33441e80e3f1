/** A button whose words change, and whose width does not: the buttons beside it stay where they are. */

import { el } from "../dom.js";
import { button } from "../ui.js";

export class Faces {
  /**
   * @param {string[]} words each of which the button may show; the widest one makes its width
   * @param {() => void} click
   * @param {Record<string, any>} [more] as for `button`
   */
  constructor(words, click, more = {}) {
    this.element = button("", click, { kind: "quiet", ...more });
    this.element.classList.add("ds-faces");
    this.element.append(...words.map((word) => el("span", {}, word)));
    this.show(0);
  }

  /** @param {number} wanted index of the words to show */
  show(wanted) {
    for (const [index, face] of [...this.element.children].entries()) {
      /** @type {HTMLElement} */ (face).style.visibility = index === wanted ? "" : "hidden";
    }
  }
}
