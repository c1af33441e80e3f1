/** Puts what an example workflow works with in its place before it is opened. */

import { post } from "./lib/client.js";
import { app } from "./lib/comfy.js";
import { showError } from "./lib/ui.js";

/** How long an example waits to be opened, in milliseconds. Where a store is slow, its pictures appear later. */
const PATIENCE = 8000;

const UNHARMED = "The example opens without its photographs. Check that the server is running, then open it again.";

/** @param {{extra?: {datasete?: {samples?: boolean}}}} workflow */
async function placeSamples(workflow) {
  if (!workflow?.extra?.datasete?.samples) return;
  const placed = post("/datasete/samples", {}, UNHARMED).catch((error) => showError(error, "The samples are missing"));
  await Promise.race([placed, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
}

app.registerExtension({
  name: "Datasete.ExampleWorkflows",
  // ComfyUI waits for this before it makes the nodes, and looks for missing files after that.
  beforeConfigureGraph: placeSamples,
});
