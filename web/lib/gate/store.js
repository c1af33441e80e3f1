/**
 * The open gates as this page knows them. The server is right, always: whatever happens, its list is asked for again, so
 * that a reload, a second tab or a lost message cost nothing.
 */

import { ServerError } from "../client.js";
import { fetchPending } from "./client.js";
import { nodeOf, rootGraph } from "../comfy.js";
import { isEntered } from "./instances.js";
import { isHere } from "./workflow_tabs.js";
import { guarded } from "../guard.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {import("../../types/datasete.js").Verdict} Verdict */

const SHORTEST = 1000; // milliseconds until a question that got no answer is put again; twice as long every time
const LONGEST = 30_000;

/** @type {Map<string, Gate>} by token, oldest first */
const open = new Map();
/** @type {Set<() => void>} */
const observers = new Set();
/** Tokens answered here whose run may not have noticed yet: a list that is under way must not bring them back. */
const answered = new Set();
let stale = false;
let asking = false;
let failures = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let later;
let sinceConnected = 0;

const tell = () => observers.forEach((observer) => guarded("gates", observer)());

/** @param {Gate} gate */
const received = (gate) => ({
  ...gate,
  since: Date.now() - 1000 * (gate.elapsed ?? 0),
  due: gate.policy ? Date.now() + 1000 * gate.policy.left : undefined,
});

/** @param {Gate} gate @returns {number} those of the item that is shown first, then those of the place one came through */
const rank = (gate) => (gate.shown ? 0 : 2) + (isEntered(gate) ? 0 : 1);

/** @param {Gate[]} list */
function replace(list) {
  const known = new Map(open);
  const listed = new Set(list.map(({ token }) => token));
  for (const gate of open.values()) if (!listed.has(gate.token)) verdicts.suggest(gate, { reason: "unknown" });
  open.clear();
  for (const gate of list) {
    if (gate.trouble) answered.delete(gate.token); // the answer was taken, and could not be carried out
    if (answered.has(gate.token)) continue;
    if (!known.has(gate.token)) verdicts.forget(gate);
    open.set(gate.token, { ...received(gate), since: known.get(gate.token)?.since ?? received(gate).since });
  }
  tell();
}

async function refresh() {
  stale = true;
  if (asking) return;
  asking = true;
  clearTimeout(later);
  try {
    while (stale) {
      stale = false;
      const list = await fetchPending();
      if (!stale) replace(list);
    }
    failures = 0;
  } catch (error) {
    // The connection may be there again, and the answer still get lost.
    later = setTimeout(gates.refresh, Math.min(LONGEST, SHORTEST * 2 ** failures++));
    if (!(error instanceof ServerError) || error.status) throw error;
  } finally {
    asking = false;
  }
}

/** @param {Gate} gate */
function show(gate) {
  stale = true;
  open.set(gate.token, received({ shown: true, ...gate }));
  verdicts.forget(gate);
  tell();
}

/** @param {{token: string, reason: string}} closed */
function close({ token, reason }) {
  stale = true;
  const gate = open.get(token);
  open.delete(token);
  const route = reason === "policy" ? gate?.policy?.route : undefined;
  if (gate) verdicts.suggest(gate, { reason, route });
  tell();
}

export const gates = {
  /** @returns {Gate[]} all that are open, oldest first */
  all: () => [...open.values()],

  /**
   * @param {GraphNode} node
   * @returns {Gate[]} those that this node shows, the one to answer first
   */
  at: (node) =>
    [...open.values()]
      .filter((gate) => isHere(gate) && nodeOf(gate.id) === node)
      .sort((one, other) => rank(one) - rank(other)),

  /**
   * @param {GraphNode} node
   * @returns {Verdict | undefined} how this node's last gate ended, as far as this page saw it
   */
  verdict: (node) => verdicts.of(node),

  /**
   * Takes a gate away that was answered here, without waiting for the news to come round.
   *
   * @param {Gate} gate
   * @param {Verdict} verdict
   */
  settle(gate, verdict) {
    answered.add(gate.token);
    verdicts.set(gate, verdict);
    open.delete(gate.token);
    stale = true;
    tell();
  },

  /** @param {Gate} gate */
  markMasked(gate) {
    const current = open.get(gate.token);
    if (current) current.masked = true;
    tell();
  },

  refresh: guarded("gates", refresh),

  /** Has all observers look again, as when another workflow came onto the canvas. */
  tell,

  /** @param {() => void} observer called after every change */
  subscribe: (observer) => void observers.add(observer),

  /** @param {import("../../types/comfy.js").Api} api */
  listen(api) {
    api.addEventListener("datasete-gate-show", guarded("show", (event) => show(event.detail)));
    api.addEventListener("datasete-gate-closed", guarded("closed", (event) => close(event.detail)));
    api.addEventListener("datasete-gates-changed", () => gates.refresh());
    api.addEventListener("reconnected", () => gates.refresh());
    // What happened before the server knew the socket, or while the machine slept, was told to nobody.
    api.addEventListener("reconnecting", () => void (sinceConnected = 0));
    api.addEventListener("status", ({ detail }) => detail && (sinceConnected++ || gates.refresh()));
    window.addEventListener("online", () => gates.refresh());
    document.addEventListener("visibilitychange", () => document.hidden || gates.refresh());
    gates.refresh();
  },
};

// How gates ended, as far as this page saw it

/** @type {Map<string, Verdict>} by workflow and execution id, the newest last */
const ended = new Map();

/** @returns {string} */
const workflow = () => `${rootGraph()?.id ?? ""}/`;

/** @param {Gate} gate @returns {string} */
const placeOf = (gate) => (isHere(gate) ? workflow() : `${gate.workflow}/`) + gate.id;

export const verdicts = {
  /** @param {Gate} gate @param {Verdict} verdict */
  set(gate, verdict) {
    ended.delete(placeOf(gate));
    ended.set(placeOf(gate), verdict);
  },

  /** @param {Gate} gate @param {Verdict} verdict that counts unless it is known better */
  suggest(gate, verdict) {
    if (!ended.has(placeOf(gate))) verdicts.set(gate, verdict);
  },

  /** @param {Gate} gate one that opens: what was before it is over */
  forget: (gate) => void ended.delete(placeOf(gate)),

  /** @param {GraphNode} node @returns {Verdict | undefined} the newest, where it stands for several places */
  of(node) {
    const here = workflow();
    const isOfNode = (/** @type {string} */ key) => key.startsWith(here) && nodeOf(key.slice(here.length)) === node;
    const last = [...ended.keys()].findLast(isOfNode);
    return last === undefined ? undefined : ended.get(last);
  },
};
