/**
 * Batch Image Loader: shows how far the folder's batch is, and lets people pause it, continue, and start over.
 *
 * The server holds the batches; this module only shows them, and queues the next run when a batch asks this tab to.
 */

import { answerRequests, markPrompts } from "./lib/batch/queue.js";
import { batches } from "./lib/batch/store.js";
import { attachBatch, followBatches, refreshLoaders } from "./lib/batch/widget.js";
import { api, app } from "./lib/comfy.js";
import { guarded } from "./lib/guard.js";
import { useStyles } from "./lib/styles.js";

const NODE = "BatchImageLoader";

app.registerExtension({
  name: "Datasete.BatchImageLoader",

  setup: guarded("setup", () => {
    useStyles(import.meta.url, "./batch.css");
    batches.listen(api);
    followBatches();
    answerRequests(api, app);
  }),

  nodeCreated: guarded("nodeCreated", (/** @type {any} */ node) => {
    if (node.comfyClass !== NODE) return;
    markPrompts(api, app);
    attachBatch(node);
  }),

  // The values arrive after a node is made, without a callback.
  afterConfigureGraph: guarded("afterConfigureGraph", () => refreshLoaders()),
});
