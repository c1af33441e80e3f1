/**
 * Puts wired profiles into the prompt. ComfyUI does not pass values that come by wire when it asks a node whether it has
 * changed, so a pool gets the wired profile's id as its own `pool_id`. A profile node that has chosen nothing is left out.
 */

import { guarded } from "../guard.js";
import { POOL_NODE } from "../pool/node.js";
import { PROFILE_NODE } from "./node.js";

/** @typedef {Record<string, {class_type?: string, inputs: Record<string, any>}>} Prompt */

/** @param {import("../../types/comfy.js").App} app */
export function resolveProfiles(app) {
  const graphToPrompt = app.graphToPrompt;
  app.graphToPrompt = async function toPrompt(...args) {
    const prompt = await graphToPrompt.apply(this, args);
    guarded("profiles", () => resolve(prompt.output))();
    return prompt;
  };
}

/** @param {Prompt} prompt where reroutes and subgraphs are resolved already */
function resolve(prompt) {
  for (const { class_type: type, inputs } of Object.values(prompt)) {
    if (type !== POOL_NODE || !Array.isArray(inputs.profile)) continue;
    const source = prompt[String(inputs.profile[0])];
    if (source?.class_type !== PROFILE_NODE || typeof source.inputs.profile_id !== "string") continue;
    if (source.inputs.profile_id) inputs.pool_id = source.inputs.profile_id;
    else delete inputs.profile;
  }
}
