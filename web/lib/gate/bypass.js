/**
 * A bypassed gate passes its picture to route 1. ComfyUI would pass it to every output of the same type, and so run all
 * branches at once. We take what the other outputs feed out of the run, as if route 1 had been chosen.
 */

import { guarded } from "../guard.js";

/** @typedef {import("../../types/comfy.js").Graph} Graph */
/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {Record<string, {inputs: Record<string, unknown>}>} Prompt */

const MODE_BYPASSED = 4;
const FIRST_ROUTE = 1;
const SUBGRAPH_OUTPUT = "-20"; // the frontend's node id for the outputs of the surrounding subgraph

/**
 * @param {import("../../types/comfy.js").App} app
 * @param {string} type of the gate's nodes
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
 * @param {GraphNode[]} hosts the subgraph nodes that lead down to it
 * @param {string} type
 * @returns {string[]} execution ids
 */
function fedByOtherRoutes(graph, hosts, type) {
  return graph.nodes.flatMap((node) => {
    if (node.subgraph) return fedByOtherRoutes(node.subgraph, [...hosts, node], type);
    if (node.comfyClass !== type || node.mode !== MODE_BYPASSED) return [];
    return node.outputs.flatMap((_, slot) => (slot === FIRST_ROUTE ? [] : consumers(node, slot, hosts)));
  });
}

/**
 * @param {GraphNode} node
 * @param {number} slot
 * @param {GraphNode[]} hosts
 * @returns {string[]} execution ids of what an output feeds, followed through reroutes and in and out of subgraphs
 */
function consumers(node, slot, hosts) {
  return (node.outputs[slot]?.links ?? []).flatMap((link) => endOf(node.graph, link, hosts));
}

/**
 * @param {Graph | null | undefined} graph
 * @param {number} id of a link in it
 * @param {GraphNode[]} hosts
 * @returns {string[]} execution ids of the nodes that it feeds in the end
 */
function endOf(graph, id, hosts) {
  const link = graph?.getLink(id);
  if (!graph || !link) return [];
  const host = hosts[hosts.length - 1];
  if (String(link.target_id) === SUBGRAPH_OUTPUT) return host ? consumers(host, link.target_slot, hosts.slice(0, -1)) : [];
  const target = graph.getNodeById(String(link.target_id));
  if (!target) return [];
  if (target.isVirtualNode && !target.subgraph) return consumers(target, 0, hosts);
  if (!target.subgraph) return [[...hosts, target].map((node) => node.id).join(":")];
  const inner = target.subgraph.inputNode?.slots[link.target_slot]?.linkIds ?? [];
  return inner.flatMap((next) => endOf(target.subgraph, next, [...hosts, target]));
}

/**
 * @param {Prompt} prompt
 * @param {string[]} first the nodes to drop, together with everything that needs them
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
