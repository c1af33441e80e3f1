/** The sidebar tab *Bus*: every slot with its picture, what it held before, and the way onto the canvas. */

import { acceptDrops } from "./lib/bus/to_canvas.js";
import { bus } from "./lib/bus/store.js";
import { BusView } from "./lib/bus/view.js";
import { api, app } from "./lib/comfy.js";
import { guarded } from "./lib/guard.js";
import { openTab, registerPanel } from "./lib/panel.js";
import { say } from "./lib/say.js";
import { useStyles } from "./lib/styles.js";

const TAB = "datasete-bus";

const openBusCommand = {
  id: "Datasete.OpenBus",
  label: "Open the Bus panel",
  icon: "pi pi-images",
  function: guarded("open bus", () => openTab(TAB)),
};

app.registerExtension({
  name: "Datasete.BusPanel",
  commands: [openBusCommand],
  menuCommands: [{ path: ["Extensions", "Datasete"], commands: [openBusCommand.id] }],

  setup: guarded("setup", () => {
    useStyles(import.meta.url, "./panels.css", "./bus_panel.css", "./lib/bus/slot_page.css", "./lib/bus/compare.css", "./lib/viewer/viewer.css");
    bus.listen(api);
    acceptDrops();
    registerPanel({
      id: TAB,
      title: say("Bus"),
      icon: "pi pi-images",
      tooltip: say("Bus: published pictures"),
      open: (element) => new BusView(element),
    });
  }),
});
