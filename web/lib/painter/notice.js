/** A line at the picture's lower edge that says what is going on, or what went wrong and what to do about it. */

import { el } from "../dom.js";

export class Notice {
  constructor() {
    this.element = el("div", { class: "ds-painter-notice", role: "status", hidden: true });
    this.about = "";
  }

  /** @param {string} text */
  tell(text) {
    this.about = "";
    this.element.replaceChildren(el("span", {}, text));
    this.element.hidden = false;
  }

  /**
   * Asks for a decision; the first answer gets the focus.
   *
   * @param {string} text
   * @param {[string, () => void][]} answers
   * @param {string} [about] names the question, for `isAsking`
   */
  ask(text, answers, about = "") {
    this.tell(text);
    this.about = about;
    const buttons = answers.map(([label, click]) => el("button", { type: "button", class: "ds-button", click }, label));
    this.element.append(...buttons);
    buttons[0].focus();
  }

  clear() {
    const hadFocus = this.element.contains(document.activeElement);
    this.about = "";
    this.element.hidden = true;
    this.element.replaceChildren();
    if (hadFocus) /** @type {HTMLElement | null} */ (this.element.parentElement?.querySelector(".ds-painter-stage"))?.focus();
  }

  /** @param {string} about @returns {boolean} */
  isAsking(about) {
    return !this.element.hidden && this.about === about;
  }
}
