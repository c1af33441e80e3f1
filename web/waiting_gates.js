/** All gates that wait, wherever their workflows are: a chip on the page, and the sidebar tab *Gates* with a badge. */

import { app } from "./lib/comfy.js";
import { show } from "./lib/gate/reveal.js";
import { gates } from "./lib/gate/store.js";
import { guarded } from "./lib/guard.js";
import { panelHead, registerPanel, setBadge } from "./lib/panel.js";
import { say } from "./lib/say.js";
import { useStyles } from "./lib/styles.js";
import { Chip } from "./lib/waiting/chip.js";
import { openWaitingList } from "./lib/waiting/dialog.js";
import { WaitingList } from "./lib/waiting/list.js";

const TAB = "datasete-gates";

const listCommand = {
  id: "Datasete.ListWaitingGates",
  label: "List the waiting gates",
  icon: "pi pi-list",
  function: guarded("list gates", openWaitingList),
};

/** @param {HTMLElement} element */
function openPanel(element) {
  const list = new WaitingList((gate) => void guarded("show gate", show)(gate));
  element.append(panelHead({ title: say("Gates") }).element, list.element);
  return list;
}

function showBadge() {
  const count = gates.all().filter(({ shown }) => shown !== false).length;
  setBadge(TAB, count ? String(count) : "");
}

app.registerExtension({
  name: "Datasete.WaitingGates",
  commands: [listCommand],
  menuCommands: [{ path: ["Extensions", "Datasete"], commands: [listCommand.id] }],

  setup: guarded("setup", () => {
    useStyles(import.meta.url, "./panels.css", "./lib/gate/buttons.css", "./waiting_gates.css");
    registerPanel({
      id: TAB,
      title: say("Gates"),
      icon: "pi pi-pause-circle",
      tooltip: say("Gates: pictures that wait for you"),
      open: openPanel,
    });
    gates.subscribe(showBadge);
    showBadge();
    new Chip().attach();
  }),
});
