/** One space on the status page: what its store guarantees, and how it is now. */

import { el, write } from "../dom.js";
import { guarded } from "../guard.js";
import { button } from "../ui.js";
import { probeSpace } from "./client.js";
import { facts, guarantees } from "./text.js";

/** @typedef {import("../../types/status.js").Health} Health */
/** @typedef {import("../../types/status.js").Space} Space */

export class SpaceCard {
  /**
   * @param {Space} space
   * @param {(health: Health) => void} tried told what a probe found
   */
  constructor(space, tried) {
    this.space = space;
    this.tried = tried;
    this.test = button("Test", () => this.probe());
    this.test.setAttribute("aria-label", `Test the space ${space.name}`);
    this.found = el("div", { class: "ds-status-found", role: "status" });
    const name = el("div", { class: "ds-panel-name" }, space.name, el("span", { class: "ds-status-scheme" }, space.scheme));
    this.element = el(
      "section",
      { class: "ds-status-card", "aria-label": `Space ${space.name}` },
      el("div", { class: "ds-status-line" }, name, this.test),
      promises(space.capabilities ?? {}),
      this.found,
    );
    if (space.error) this.say(false, space.error.message, space.error.hint);
  }

  probe() {
    return guarded("probe", () => this.ask())();
  }

  async ask() {
    this.test.disabled = true;
    write(this.test, "Testing…");
    try {
      this.show(await probeSpace(this.space.name));
    } catch (error) {
      const { message, hint = "" } = /** @type {import("../client.js").ServerError} */ (error);
      this.say(false, message, hint);
    } finally {
      this.test.disabled = false;
      write(this.test, "Test");
    }
  }

  /** @param {Health} health */
  show(health) {
    this.tried(health);
    this.say(health.ok, health.verdict, health.hint, facts(health));
  }

  /** @param {boolean} ok @param {string} sentence @param {...string} more */
  say(ok, sentence, ...more) {
    this.found.replaceChildren(verdict(ok, sentence), ...more.filter(Boolean).map(small));
  }
}

/** @param {Record<string, boolean>} capabilities none when the store could not be asked */
function promises(capabilities) {
  if (!Object.keys(capabilities).length) return "";
  const list = el("ul", { class: "ds-status-promises" });
  for (const { label, title, holds } of guarantees(capabilities)) {
    const icon = el("i", { class: holds ? "pi pi-check ds-status-yes" : "pi pi-times ds-status-no", "aria-hidden": "true" });
    const spoken = el("span", { class: "ds-status-spoken" }, holds ? "yes: " : "no: ");
    list.append(el("li", { title }, icon, spoken, label));
  }
  return list;
}

/** @param {boolean} ok @param {string} text */
function verdict(ok, text) {
  const icon = el("i", { class: ok ? "pi pi-check-circle" : "pi pi-exclamation-triangle", "aria-hidden": "true" });
  return el("div", { class: `ds-status-verdict ${ok ? "ds-status-good" : "ds-status-bad"}` }, icon, el("span", {}, text));
}

/** @param {string} text */
function small(text) {
  return el("div", { class: "ds-status-small" }, text);
}
