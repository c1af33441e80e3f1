/** The sidebar tab *Datasete*: version, plugins, spaces and their health, and a report to copy. */

import { api, app } from "./lib/comfy.js";
import { guarded } from "./lib/guard.js";
import { openTab, registerPanel } from "./lib/panel.js";
import { say } from "./lib/say.js";
import { status } from "./lib/status/store.js";
import { StatusView } from "./lib/status/view.js";
import { useStyles } from "./lib/styles.js";

const TAB = "datasete-status";
const EVENTS = ["datasete-gates-changed", "datasete-batch", "reconnected"];

const openStatusCommand = {
  id: "Datasete.OpenStatus",
  label: "Open Datasete's status",
  icon: "pi pi-info-circle",
  function: guarded("open status", () => openTab(TAB)),
};

app.registerExtension({
  name: "Datasete.Status",
  commands: [openStatusCommand],
  menuCommands: [{ path: ["Extensions", "Datasete"], commands: [openStatusCommand.id] }],

  setup: guarded("setup", () => {
    useStyles(import.meta.url, "./panels.css", "./datasete_status.css");
    for (const event of EVENTS) api.addEventListener(event, () => status.observers.size && status.refreshSoon());
    registerPanel({
      id: TAB,
      title: "Datasete",
      icon: "pi pi-info-circle",
      tooltip: say("Datasete: spaces, plugins, health"),
      open: (element) => new StatusView(element),
    });
  }),
});
