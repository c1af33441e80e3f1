/** The sidebar tab *Batches*: every folder that was walked, how far it is, and what can be done about it. */

import { say } from "./lib/say.js";
import { BatchesView } from "./lib/batch/view.js";
import { app } from "./lib/comfy.js";
import { guarded } from "./lib/guard.js";
import { registerPanel } from "./lib/panel.js";

app.registerExtension({
  name: "Datasete.BatchPanel",

  setup: guarded("setup", () => {
    registerPanel({
      id: "datasete-batches",
      title: say("Batches"),
      icon: "pi pi-forward",
      tooltip: say("Batches: how far each folder is"),
      open: (element) => new BatchesView(element),
    });
  }),
});
