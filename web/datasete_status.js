/** The sidebar tab *Datasete*: version, plugins, spaces and their health, and a report to copy. */

import { api, app } from "./lib/comfy.js";
import { guarded } from "./lib/guard.js";
import { registerPanel } from "./lib/panel.js";
import { StatusView } from "./lib/status/view.js";
import { useStyles } from "./lib/styles.js";

const TAB = "datasete-status";
const SOON = 300; // ms: events come in bunches

/** @type {StatusView | null} */
let view = null;
let due = 0;

function refreshSoon() {
  clearTimeout(due);
  if (view) due = setTimeout(() => void view?.refresh(), SOON);
}

const openStatusCommand = {
  id: "Datasete.OpenStatus",
  label: "Open Datasete's status",
  icon: "pi pi-info-circle",
  function: guarded("open status", () => void (app.extensionManager.sidebarTab.activeSidebarTabId = TAB)),
};

app.registerExtension({
  name: "Datasete.Status",
  commands: [openStatusCommand],
  menuCommands: [{ path: ["Extensions", "Datasete"], commands: [openStatusCommand.id] }],

  setup: guarded("setup", () => {
    useStyles(import.meta.url, "./panels.css", "./datasete_status.css");
    for (const event of ["datasete-gates-changed", "datasete-batch", "reconnected"]) api.addEventListener(event, refreshSoon);
    registerPanel({
      id: TAB,
      title: "Datasete",
      icon: "pi pi-info-circle",
      tooltip: "Datasete: spaces, plugins, health",
      render: (element) => void (view = new StatusView(element)),
      destroy: () => void (view = null),
    });
  }),
});
