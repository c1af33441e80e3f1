/** The status page: what runs here, where pictures are kept and how that place is, and which plugins take part. */

import { toast } from "../comfy.js";
import { el, write } from "../dom.js";
import { guarded } from "../guard.js";
import { panelHead } from "../panel.js";
import { fetchStatus } from "./client.js";
import { copyText, report } from "./report.js";
import { SpaceCard } from "./space.js";
import { filled, summary } from "./text.js";
import { button, errorState, iconButton } from "../ui.js";

/** @typedef {import("../../types/status.js").Health} Health */
/** @typedef {import("../../types/status.js").Plugin} Plugin */
/** @typedef {import("../../types/status.js").Status} Status */

export class StatusView {
  /** @param {HTMLElement} element */
  constructor(element) {
    /** @type {Status | null} */
    this.status = null;
    /** @type {Map<string, Health>} */
    this.tried = new Map();
    /** @type {SpaceCard[]} */
    this.cards = [];
    this.asked = 0;
    this.drawn = "";
    this.summary = el("p", { class: "ds-status-summary", role: "status" });
    const again = iconButton("pi pi-refresh", "Look again", () => this.refresh());
    this.copying = button("Copy report", () => this.copy(), {
      kind: "main",
      title: "For a bug report: versions, plugins and spaces; no secrets, no addresses",
    });
    this.body = el("div", { class: "ds-panel-list ds-status-body", "aria-busy": "true" });
    this.foot = el("footer", { class: "ds-status-foot" }, this.copying);
    element.append(panelHead({ title: "Datasete", tools: [again] }).element, this.body, this.foot);
    this.refresh();
  }

  refresh() {
    return guarded("status", () => this.load())();
  }

  async load() {
    const mine = ++this.asked;
    this.body.setAttribute("aria-busy", "true");
    const [status, error] = await fetchStatus().then(
      (found) => [found, null],
      (reason) => [null, reason],
    );
    if (mine !== this.asked) return;
    this.body.setAttribute("aria-busy", "false");
    if (status) this.draw(status);
    else this.fail(error);
  }

  /** @param {import("../client.js").ServerError} error */
  fail(error) {
    this.status = null;
    this.foot.hidden = true;
    this.body.replaceChildren(errorState(error, () => this.refresh()));
  }

  /** @param {Status} status */
  draw(status) {
    const { spaces, plugins } = status;
    this.status = status;
    this.foot.hidden = false;
    write(this.summary, summary(status));
    // what has not changed stays, with what is being tested there and with the keyboard's focus
    const drawn = JSON.stringify([spaces, plugins]);
    if (this.drawn !== drawn || !this.summary.isConnected) this.fill(status);
    this.drawn = drawn;
  }

  /** @param {Status} status */
  fill(status) {
    this.cards = status.spaces.map((space) => this.card(space));
    const test = button("Test all", () => this.testAll());
    this.body.replaceChildren(
      this.summary,
      section("Spaces", this.cards.map(({ element }) => element), test),
      section("Plugins", status.plugins.map(pluginRow)),
    );
  }

  /** @param {import("../../types/status.js").Space} space */
  card(space) {
    const card = new SpaceCard(space, (health) => this.tried.set(space.name, health));
    const known = this.tried.get(space.name);
    if (known) card.show(known);
    return card;
  }

  testAll() {
    return Promise.all(this.cards.map((card) => card.probe()));
  }

  async copy() {
    if (!this.status) return;
    const done = await copyText(report(this.status, this.tried));
    if (done) toast("success", "Report copied", "Paste it into your bug report.");
    else toast("error", "The report could not be copied", "This browser does not let a page use the clipboard here.");
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
  return el("div", { class: "ds-status-plugin" }, name, el("div", { class: plugin.fault ? "ds-status-fault" : "ds-status-small" }, filled(plugin)));
}
