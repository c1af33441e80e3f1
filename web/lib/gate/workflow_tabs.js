/** Gates of workflows in other tabs: which of the open workflows a gate belongs to, and how to get there. */

import { app, rootGraph } from "../comfy.js";

/** @typedef {import("../../types/comfy.js").Workflow} Workflow */
/** @typedef {import("../../types/datasete.js").Gate} Gate */

/** @param {Gate} gate @returns {boolean} whether it belongs to the workflow on the canvas, as far as anybody can tell */
export const isHere = (gate) => !gate.workflow || !rootGraph()?.id || gate.workflow === rootGraph().id;

/** @param {Gate} gate @returns {Workflow | undefined} the tab that its workflow is open in */
export function workflowOf(gate) {
  return app.extensionManager.workflow?.openWorkflows.find(({ activeState }) => activeState?.id === gate.workflow);
}

/** @param {Gate} gate @returns {string} what the tab of its workflow is called; "" when that is this one, or none */
export const elsewhere = (gate) => (isHere(gate) ? "" : (workflowOf(gate)?.filename ?? ""));

/**
 * Brings the workflow of a gate onto the canvas, as a click on its tab does.
 *
 * @param {Gate} gate
 * @returns {Promise<boolean>} false when it is not open in any tab
 */
export async function goToWorkflow(gate) {
  const workflow = workflowOf(gate);
  if (!workflow) return false;
  const state = JSON.parse(JSON.stringify(workflow.activeState)); // a proxy of Vue's cannot be cloned
  await app.loadGraphData(state, true, true, workflow);
  return isHere(gate);
}
