/** Puts what an example workflow works with in its place before it is opened. */

import { post } from "./lib/client.js";
import { app } from "./lib/comfy.js";
import { guarded } from "./lib/guard.js";
import { say } from "./lib/say.js";
import { showError } from "./lib/ui.js";

/** How long an example waits to be opened, in milliseconds. Where a store is slow, its pictures appear later. */
const PATIENCE = 8000;

const unharmed = () => say("The example opens without its photographs. Check that the server is running, then open it again.");

/** The files that were placed, which the page's lists of files, read when it was opened, may lack. @type {Set<string>} */
const placed = new Set();

/** @param {{extra?: {datasete?: {samples?: boolean}}}} workflow */
async function placeSamples(workflow) {
  if (!workflow?.extra?.datasete?.samples) return;
  const asked = post("/datasete/samples", {}, unharmed())
    .then(({ files }) => files.forEach((/** @type {string} */ file) => placed.add(file)))
    .catch((error) => showError(error, say("The samples are missing")));
  await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
}

/** @param {import("./types/comfy.js").GraphNode} node */
function listSamples(node) {
  for (const { value, options } of node.widgets ?? []) {
    const list = options?.values;
    if (typeof value === "string" && placed.has(value) && Array.isArray(list) && !list.includes(value)) list.push(value);
  }
}

app.registerExtension({
  name: "Datasete.ExampleWorkflows",
  // ComfyUI waits for this one before it makes the nodes; only after the other does it look for missing files.
  beforeConfigureGraph: placeSamples,
  loadedGraphNode: guarded("loadedGraphNode", listSamples),
});
