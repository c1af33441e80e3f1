/** Gates of workflows in other tabs: which open workflow a gate belongs to, and how to switch to it. */

import { app } from "../comfy.js";
import { rootGraph } from "../graph.js";

/** @typedef {import("../../types/comfy.js").Workflow} Workflow */
/** @typedef {import("../../types/datasete.js").Gate} Gate */

/** @param {Gate} gate @returns {boolean} whether it belongs to the workflow on the canvas; true when that is not known */
export const isHere = (gate) => !gate.workflow || !rootGraph()?.id || gate.workflow === rootGraph().id;

/** @param {Gate} gate @returns {Workflow | undefined} the tab in which its workflow is open */
function workflowOf(gate) {
  return app.extensionManager.workflow?.openWorkflows.find(({ activeState }) => activeState?.id === gate.workflow);
}

/** @param {Gate} gate @returns {string} the name of its workflow's tab; "" when that is this tab, or none */
export const nameOfOtherTab = (gate) => (isHere(gate) ? "" : (workflowOf(gate)?.filename ?? ""));

/**
 * Brings the workflow of a gate onto the canvas, as a click on its tab does.
 *
 * @param {Gate} gate
 * @returns {Promise<boolean>} false when it is not open in any tab
 */
export async function goToWorkflow(gate) {
  const workflow = workflowOf(gate);
  if (!workflow) return false;
  const state = JSON.parse(JSON.stringify(workflow.activeState)); // Vue's proxy cannot be cloned
  await app.loadGraphData(state, true, true, workflow);
  return isHere(gate);
}
