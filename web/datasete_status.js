/** The sidebar tab *Datasete*: version, plugins, spaces and their health, and a report to copy. */

import { api, app } from "./lib/comfy.js";
import { guarded } from "./lib/guard.js";
import { registerPanel } from "./lib/panel.js";
import { status } from "./lib/status/store.js";
import { StatusView } from "./lib/status/view.js";
import { useStyles } from "./lib/styles.js";

const TAB = "datasete-status";
const EVENTS = ["datasete-gates-changed", "datasete-batch", "reconnected"];

/** @type {StatusView | null} */
let view = null;

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
    for (const event of EVENTS) api.addEventListener(event, () => view && status.refreshSoon());
    registerPanel({
      id: TAB,
      title: "Datasete",
      icon: "pi pi-info-circle",
      tooltip: "Datasete: spaces, plugins, health",
      render: (element) => {
        view?.destroy();
        view = new StatusView(element);
      },
      destroy: () => {
        view?.destroy();
        view = null;
      },
    });
  }),
});
