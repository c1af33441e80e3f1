/** How gates ended, as far as this page saw it. */

import { nodeOf, rootGraph } from "../comfy.js";
import { isHere } from "./workflow_tabs.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {import("../../types/datasete.js").Verdict} Verdict */

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
