/** The node on the canvas at which a gate is seen, if there is one, and what the gate and its routes are called. */

import { nodeOf } from "../graph.js";
import { say } from "../say.js";
import { labelOf } from "./outputs.js";
import { isHere } from "./workflow_tabs.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/datasete.js").Gate} Gate */

const GATE = "ImageGate";

/**
 * @param {Gate} gate
 * @returns {string} the id of the node that stands for it; a loop copies its nodes, and the copies are on no canvas
 */
export const displayOf = ({ display, id }) => display || id;

/**
 * @param {Gate} gate
 * @returns {GraphNode | null} its node; null when its workflow is not on the canvas, or another node was expanded into it
 */
export function ownNode(gate) {
  const node = isHere(gate) ? nodeOf(displayOf(gate)) : null;
  return node?.comfyClass === GATE ? node : null;
}

/** @param {Gate} gate @returns {string[]} the labels of its routes: as they are on the canvas, or as they were in the run */
export function labelsAt(gate) {
  const node = ownNode(gate);
  const label = (/** @type {number} */ route) => (node ? labelOf(node, route) : gate.labels?.[route - 1] || String(route));
  return Array.from({ length: gate.routes }, (_, index) => label(index + 1));
}

/** @param {Gate} gate @returns {string} what the node is called at which it is seen */
export function titleAt(gate) {
  const node = ownNode(gate) ?? (isHere(gate) ? nodeOf(displayOf(gate)) : null);
  return node?.title || gate.title || say("Image Gate");
}
