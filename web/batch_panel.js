/** The sidebar tab *Batches*: every folder that was walked, how far it is, and what can be done about it. */

import { BatchesView } from "./lib/batch/view.js";
import { app } from "./lib/comfy.js";
import { guarded } from "./lib/guard.js";
import { registerPanel } from "./lib/panel.js";

app.registerExtension({
  name: "Datasete.BatchPanel",

  setup: guarded("setup", () => {
    registerPanel({
      id: "datasete-batches",
      title: "Batches",
      icon: "pi pi-forward",
      tooltip: "Batches: how far each folder is",
      open: (element) => new BatchesView(element),
    });
  }),
});
