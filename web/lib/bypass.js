/**
 * A gate that is bypassed hands its picture to route 1. ComfyUI would hand it to every output of the same type, and so run
 * all branches at once; here what hangs on the other outputs stays out of the run, as if route 1 had been chosen.
 */

import { guarded } from "./guard.js";
import { targets } from "./outputs.js";

/** @typedef {import("../types/comfy.js").Graph} Graph */
/** @typedef {import("../types/comfy.js").GraphNode} GraphNode */
/** @typedef {Record<string, {inputs: Record<string, unknown>}>} Prompt */

const BYPASSED = 4;
const FIRST_ROUTE = 1;

/**
 * @param {import("../types/comfy.js").App} app
 * @param {string} type of the nodes this is about
 */
export function passOnlyFirstRoute(app, type) {
  const graphToPrompt = app.graphToPrompt;
  app.graphToPrompt = async function toPrompt(...args) {
    const prompt = await graphToPrompt.apply(this, args);
    const graph = args[0] ?? app.rootGraph ?? app.graph;
    guarded("bypass", () => drop(prompt.output, fedByOtherRoutes(graph, [], type)))();
    return prompt;
  };
}

/**
 * @param {Graph} graph
 * @param {(string | number)[]} path of the subgraph nodes down to it
 * @param {string} type
 * @returns {string[]} execution ids
 */
function fedByOtherRoutes(graph, path, type) {
  return graph.nodes.flatMap((node) => {
    if (node.subgraph) return fedByOtherRoutes(node.subgraph, [...path, node.id], type);
    if (node.comfyClass !== type || node.mode !== BYPASSED) return [];
    return node.outputs.flatMap((_, slot) => (slot === FIRST_ROUTE ? [] : consumers(node, slot, path)));
  });
}

/**
 * @param {GraphNode} node
 * @param {number} slot
 * @param {(string | number)[]} path
 * @returns {string[]} execution ids of what an output feeds, through reroutes and into subgraphs
 */
function consumers(node, slot, path) {
  return targets(node, slot).flatMap((target) => {
    if (target.node.subgraph) return consumersInside(target.node, target.slot, path);
    if (target.node.isVirtualNode) return consumers(target.node, 0, path);
    return [[...path, target.node.id].join(":")];
  });
}

/**
 * @param {GraphNode} host
 * @param {number} slot
 * @param {(string | number)[]} path
 * @returns {string[]}
 */
function consumersInside(host, slot, path) {
  const graph = /** @type {Graph} */ (host.subgraph);
  const links = graph.inputNode?.slots[slot]?.linkIds ?? [];
  return links.flatMap((id) => {
    const target = graph.getNodeById(String(graph.getLink(id)?.target_id));
    return target && !target.subgraph ? [[...path, host.id, target.id].join(":")] : [];
  });
}

/**
 * @param {Prompt} prompt
 * @param {string[]} first what is dropped together with everything that needs it
 */
function drop(prompt, first) {
  const queue = first.filter((id) => id in prompt);
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    delete prompt[id];
    for (const [other, { inputs }] of Object.entries(prompt)) {
      if (Object.values(inputs).some((value) => Array.isArray(value) && String(value[0]) === id)) queue.push(other);
    }
  }
}
