/** The status page: what runs here, which spaces keep the pictures and whether they work, and which plugins take part. */

import { copyText } from "../clipboard.js";
import { toast } from "../comfy.js";
import { el, write } from "../dom.js";
import { guarded } from "../guard.js";
import { say } from "../say.js";
import { button, errorState, iconButton } from "../ui.js";
import { panelHead } from "../panel.js";
import { report } from "./report.js";
import { probeSpace, status } from "./store.js";
import { facts, guarantees, pluginSummary, summary } from "./text.js";

/** @typedef {import("../../types/status.js").Health} Health */
/** @typedef {import("../../types/status.js").Plugin} Plugin */
/** @typedef {import("../../types/status.js").Space} Space */
/** @typedef {import("../../types/status.js").Status} Status */

export class StatusView {
  /** @param {HTMLElement} element */
  constructor(element) {
    /** @type {Map<string, Health>} what tests found, by space */
    this.tests = new Map();
    /** @type {SpaceCard[]} */
    this.cards = [];
    this.drawn = "";
    this.summary = el("p", { class: "ds-status-summary", role: "status" });
    const refresh = iconButton("pi pi-refresh", "Refresh", () => this.refresh());
    this.copying = button("Copy report", () => this.copy(), {
      kind: "main",
      title: say("For a bug report: versions, plugins and spaces; no secrets, no addresses"),
    });
    this.body = el("div", { class: "ds-panel-list ds-status-body" });
    this.foot = el("footer", { class: "ds-status-foot", hidden: true }, this.copying);
    element.append(panelHead({ title: "Datasete", tools: [refresh] }).element, this.body, this.foot);
    this.destroy = status.subscribe(() => this.draw());
    this.refresh();
  }

  refresh() {
    this.body.setAttribute("aria-busy", "true");
    return status.refresh();
  }

  draw() {
    const { value, error } = status;
    this.body.setAttribute("aria-busy", "false");
    this.foot.hidden = Boolean(error);
    if (error) this.body.replaceChildren(errorState(error, () => this.refresh()));
    else if (value) this.show(value);
  }

  /** @param {Status} value */
  show(value) {
    write(this.summary, summary(value));
    // What has not changed stays, with the test that runs there and with the keyboard's focus.
    const drawn = JSON.stringify([value.spaces, value.plugins]);
    if (this.drawn !== drawn || !this.summary.isConnected) this.fill(value);
    this.drawn = drawn;
  }

  /** @param {Status} value */
  fill({ spaces, plugins }) {
    this.cards = spaces.map((space) => this.card(space));
    const test = button("Test all", () => this.testAll());
    this.body.replaceChildren(
      this.summary,
      section(say("Spaces"), this.cards.map(({ element }) => element), test),
      section(say("Plugins"), plugins.map(pluginRow)),
    );
  }

  /** @param {Space} space */
  card(space) {
    const card = new SpaceCard(space, (health) => this.tests.set(space.name, health));
    const known = this.tests.get(space.name);
    if (known) card.show(known);
    return card;
  }

  testAll() {
    return Promise.all(this.cards.map((card) => card.probe()));
  }

  async copy() {
    if (!status.value) return;
    const isDone = await copyText(report(status.value, this.tests));
    if (isDone) toast("success", say("Report copied"), say("Paste it into your bug report."));
    else toast("error", say("The report could not be copied"), say("This browser does not let a page use the clipboard here."));
  }
}

/** @param {string} title @param {Node[]} content @param {Node[]} tools */
function section(title, content, ...tools) {
  const heading = el("h3", { class: "ds-status-title" }, title);
  return el("section", { class: "ds-status-section", "aria-label": title }, el("div", { class: "ds-status-line" }, heading, ...tools), ...content);
}

/** @param {Plugin} plugin */
function pluginRow(plugin) {
  const origin = el("span", { class: "ds-status-scheme" }, plugin.origin);
  const name = el("div", { class: "ds-panel-name" }, plugin.name, origin);
  return el("div", { class: "ds-status-plugin" }, name, el("div", { class: plugin.fault ? "ds-status-fault" : "ds-status-small" }, pluginSummary(plugin)));
}

/** One space: what its store guarantees, and how a test of it went. */
class SpaceCard {
  /**
   * @param {Space} space
   * @param {(health: Health) => void} tested called with what a test found
   */
  constructor(space, tested) {
    this.space = space;
    this.tested = tested;
    this.test = button("Test", () => this.probe(), { "aria-label": say("Test the space {name}", { name: space.name }) });
    this.found = el("div", { class: "ds-status-found", role: "status" });
    const name = el("div", { class: "ds-panel-name" }, space.name, el("span", { class: "ds-status-scheme" }, space.scheme));
    this.element = el(
      "section",
      { class: "ds-status-card", "aria-label": say("Space {name}", { name: space.name }) },
      el("div", { class: "ds-status-line" }, name, this.test),
      guaranteeList(space.capabilities ?? {}),
      this.found,
    );
    if (space.error) this.say(false, space.error.message, space.error.hint);
  }

  probe() {
    return guarded("probe", () => this.ask())();
  }

  async ask() {
    this.test.disabled = true;
    write(this.test, say("Testing…"));
    try {
      this.show(await probeSpace(this.space.name));
    } catch (error) {
      const { message, hint } = /** @type {import("../client.js").ServerError} */ (error);
      this.say(false, message, hint);
    } finally {
      this.test.disabled = false;
      write(this.test, say("Test"));
    }
  }

  /** @param {Health} health */
  show(health) {
    this.tested(health);
    this.say(health.ok, health.verdict, health.hint, facts(health));
  }

  /** @param {boolean} ok @param {string} sentence @param {...string} more */
  say(ok, sentence, ...more) {
    this.found.replaceChildren(verdict(ok, sentence), ...more.filter(Boolean).map(small));
  }
}

/** @param {Record<string, boolean>} capabilities empty when the store could not be asked */
function guaranteeList(capabilities) {
  if (!Object.keys(capabilities).length) return "";
  const list = el("ul", { class: "ds-status-promises" });
  for (const { label, title, holds } of guarantees(capabilities)) {
    const icon = el("i", { class: holds ? "pi pi-check ds-status-yes" : "pi pi-times ds-status-no", "aria-hidden": "true" });
    const spoken = el("span", { class: "ds-status-spoken" }, holds ? say("yes: ") : say("no: "));
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
