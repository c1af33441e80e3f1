/**
 * The open gates as this page knows them, and how gates ended. The server is always right: after every event its list is
 * fetched again, so a reload, a second tab or a lost message does no harm.
 */

import { nodeOf, rootGraph } from "../graph.js";
import { guarded } from "../guard.js";
import { Store } from "../store.js";
import { fetchPending } from "./client.js";
import { isEntered } from "./instances.js";
import { displayOf, ownNode } from "./own_node.js";
import { isHere } from "./workflow_tabs.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {import("../../types/datasete.js").Verdict} Verdict */

const RETRY_MS = 1000;
const TIMEOUT_MS = 15_000;

/** @extends {Store<Gate[], Map<string, Gate>>} by token, oldest first */
class GateStore extends Store {
  constructor() {
    const isPassing = () => true; // even a failure of the server's must not leave gates unseen
    super("gates", new Map(), { ask: fetchPending, isPassing, retryMs: RETRY_MS, timeoutMs: TIMEOUT_MS });
    this.verdicts = new Verdicts();
    /** Tokens answered here. The run may not have noticed yet, so a list must not bring them back. @type {Set<string>} */
    this.answered = new Set();
    this.statusCount = 0;
  }

  /** @param {Gate[]} list @override */
  accept(list) {
    const known = new Map(this.value);
    const listed = new Set(list.map(({ token }) => token));
    for (const gate of known.values()) if (!listed.has(gate.token)) this.verdicts.suggest(gate, { reason: "unknown" });
    this.value.clear();
    for (const gate of list) {
      if (gate.trouble) this.answered.delete(gate.token); // the answer arrived, but could not be carried out
      if (this.answered.has(gate.token)) continue;
      const before = known.get(gate.token);
      if (!before) this.verdicts.forget(gate);
      const stamped = stamp(gate);
      this.value.set(gate.token, { ...stamped, since: before?.since ?? stamped.since });
    }
  }

  /** @returns {Gate[]} oldest first */
  all() {
    return [...this.value.values()];
  }

  /** @param {GraphNode} node @returns {Gate[]} the gates of a node, first the one to answer next */
  at(node) {
    const here = this.all().filter((gate) => ownNode(gate) === node);
    return here.sort((one, other) => rank(one) - rank(other));
  }

  /** @param {GraphNode} node @returns {Verdict | undefined} how its last gate ended, as far as this page saw it */
  verdict(node) {
    return this.verdicts.of(node);
  }

  /** @param {Gate} gate @returns {Verdict | undefined} how it ended */
  verdictOf(gate) {
    return this.verdicts.byPlace.get(placeOf(gate));
  }

  /**
   * Removes a gate that was answered here, without waiting for the server's event.
   *
   * @param {Gate} gate
   * @param {Verdict} verdict
   */
  settle(gate, verdict) {
    this.answered.add(gate.token);
    this.verdicts.set(gate, verdict);
    this.value.delete(gate.token);
    this.outdate();
    this.notify();
  }

  /** @param {Gate} gate */
  markMasked(gate) {
    const current = this.value.get(gate.token);
    if (current) current.masked = true;
    this.notify();
  }

  /** @param {Gate} gate that opened */
  opened(gate) {
    this.value.set(gate.token, stamp({ shown: true, ...gate }));
    this.verdicts.forget(gate);
    this.outdate();
    this.notify();
  }

  /** @param {{token: string, reason: string, by?: string}} closed `by` is the node at which its run was stopped */
  closed({ token, reason, by }) {
    const gate = this.value.get(token);
    const route = reason === "policy" ? gate?.policy?.route : undefined;
    const place = by && by !== gate?.id ? (nodeOf(by)?.title ?? by) : undefined;
    if (gate) this.verdicts.suggest(gate, { reason, route, place });
    this.value.delete(token);
    this.outdate();
    this.notify();
  }

  /** @param {{id: string, workflow: string, message: string, hint: string}} unasked why a node asked nothing */
  unasked({ id, workflow, message, hint }) {
    this.verdicts.set(/** @type {Gate} */ ({ id, workflow }), { reason: "unasked", message, hint });
    this.notify();
  }

  /** @param {import("../../types/comfy.js").Api} api */
  listen(api) {
    const refresh = () => void this.refresh();
    api.addEventListener("datasete-gate-show", guarded("show", (event) => this.opened(event.detail)));
    api.addEventListener("datasete-gate-closed", guarded("closed", (event) => this.closed(event.detail)));
    api.addEventListener("datasete-gate-unasked", guarded("unasked", (event) => this.unasked(event.detail)));
    api.addEventListener("datasete-gates-changed", refresh);
    api.addEventListener("reconnected", refresh);
    // Events were lost that came before the server knew the socket, or while the machine slept.
    api.addEventListener("reconnecting", () => void (this.statusCount = 0));
    api.addEventListener("status", ({ detail }) => detail && (this.statusCount++ || refresh()));
    window.addEventListener("online", refresh);
    document.addEventListener("visibilitychange", () => document.hidden || refresh());
    refresh();
  }
}

/** @param {Gate} gate @returns {Gate} with its times by this page's clock */
const stamp = (gate) => ({
  ...gate,
  since: Date.now() - 1000 * (gate.elapsed ?? 0),
  due: gate.policy ? Date.now() + 1000 * gate.policy.left : undefined,
});

/** @param {Gate} gate @returns {number} lowest for the list item that is shown, at the instance that the person entered */
const rank = (gate) => (gate.shown ? 0 : 2) + (isEntered(gate) ? 0 : 1);

/** How gates ended, as far as this page saw it. */
class Verdicts {
  constructor() {
    /** @type {Map<string, Verdict>} by workflow and execution id, the newest last */
    this.byPlace = new Map();
  }

  /** @param {Gate} gate @param {Verdict} verdict */
  set(gate, verdict) {
    this.forget(gate); // so that it becomes the newest
    this.byPlace.set(placeOf(gate), verdict);
  }

  /** @param {Gate} gate @param {Verdict} verdict that counts unless a better one is known */
  suggest(gate, verdict) {
    if (!this.byPlace.has(placeOf(gate))) this.set(gate, verdict);
  }

  /** @param {Gate} gate that opens, which ends what was before */
  forget(gate) {
    this.byPlace.delete(placeOf(gate));
  }

  /** @param {GraphNode} node @returns {Verdict | undefined} the newest, when it stands for several places */
  of(node) {
    const here = currentWorkflow();
    const isOfNode = (/** @type {string} */ key) => key.startsWith(here) && nodeOf(key.slice(here.length)) === node;
    const last = [...this.byPlace.keys()].findLast(isOfNode);
    return last === undefined ? undefined : this.byPlace.get(last);
  }
}

/** @returns {string} the beginning of keys that belong to the workflow on the canvas */
const currentWorkflow = () => `${rootGraph()?.id ?? ""}/`;

/** @param {Gate} gate @returns {string} */
const placeOf = (gate) => (isHere(gate) ? currentWorkflow() : `${gate.workflow}/`) + displayOf(gate);

export const gates = new GateStore();
