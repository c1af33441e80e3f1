/**
 * The one place that reaches into ComfyUI's own modules, and what we know of its graph.
 *
 * The specifiers are relative because ComfyUI may be served below a path of its own.
 */

// @ts-expect-error -- served by ComfyUI
import { api as comfyApi } from "../../../scripts/api.js";
// @ts-expect-error -- served by ComfyUI
import { app as comfyApp, ComfyApp as ComfyAppClass } from "../../../scripts/app.js";

/** @typedef {import("../types/comfy.js").GraphNode} GraphNode */

/** @type {import("../types/comfy.js").App} */
export const app = comfyApp;

/** @type {import("../types/comfy.js").Api} */
export const api = comfyApi;

/** @type {import("../types/comfy.js").AppClass} */
export const ComfyApp = ComfyAppClass;

/** @returns {import("../types/comfy.js").Graph} the workflow's outermost graph */
export function rootGraph() {
  return app.rootGraph ?? app.graph;
}

/**
 * The node that a run calls `executionId`: `"2"`, `"4:2"` inside a subgraph, `"2.0.0.1"` when a node was expanded.
 *
 * @param {string} executionId
 * @returns {GraphNode | null}
 */
export function nodeOf(executionId) {
  /** @type {GraphNode | null} */
  let node = null;
  /** @type {import("../types/comfy.js").Graph | undefined} */
  let graph = rootGraph();
  for (const id of executionId.split(".", 1)[0].split(":")) {
    node = graph?.getNodeById(id) ?? null;
    graph = node?.subgraph;
  }
  return node;
}

/**
 * The subgraphs' nodes that lead from the workflow's outermost graph down to the one that `executionId` is in.
 *
 * @param {string} executionId
 * @returns {GraphNode[]}
 */
export function hostsTo(executionId) {
  const hosts = [];
  let graph = rootGraph();
  for (const id of executionId.split(":").slice(0, -1)) {
    const host = graph?.getNodeById(id);
    if (!host?.subgraph) break;
    hosts.push(host);
    graph = host.subgraph;
  }
  return hosts;
}

/** @returns {GraphNode[]} the nodes selected now */
export function selectedNodes() {
  const { selectedItems, graph } = app.canvas ?? {};
  if (!selectedItems || !graph) return [];
  return graph.nodes.filter((node) => selectedItems.has(node));
}

/**
 * Shows a message in ComfyUI's own way.
 *
 * @param {"info" | "success" | "warn" | "error"} severity
 * @param {string} summary
 * @param {string} [detail]
 */
export function toast(severity, summary, detail) {
  app.extensionManager.toast.add({ severity, summary, detail, life: severity === "error" ? 12000 : 5000 });
}

/** @param {GraphNode} node */
export function redraw(node) {
  node.setDirtyCanvas?.(true, true);
}
