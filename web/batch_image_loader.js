/**
 * Batch Image Loader: shows how far the folder's batch is, and lets people pause it, go on, and begin anew.
 *
 * The server holds the batches; this module only draws them, and queues the next run when a batch asks this tab to.
 */

import { answerNext, tellRuns } from "./lib/batch/next.js";
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
    answerNext(api, app);
  }),

  nodeCreated: guarded("nodeCreated", (/** @type {any} */ node) => {
    if (node.comfyClass !== NODE) return;
    tellRuns(api, app);
    attachBatch(node);
  }),

  // Values arrive after a node is made, and no callback tells.
  afterConfigureGraph: guarded("afterConfigureGraph", () => refreshLoaders(false)),
});
