/**
 * Image Gate (Manual Router): shows the picture that a run waits with, and sends the person's decision back.
 *
 * The server holds the open gates; this module only shows them. State that can be rebuilt at any time (after an undo, a
 * change of tabs, a reload) belongs to the node; everything that must outlive the node is fetched from the server again.
 */

import { api, app } from "./lib/comfy.js";
import { alertSettings, announceInTitle, announceNewGates } from "./lib/gate/alerts.js";
import { answers, refusals } from "./lib/gate/answers.js";
import { passOnlyFirstRoute } from "./lib/gate/bypass.js";
import { followPointer } from "./lib/gate/calm.js";
import { followSubgraphs } from "./lib/gate/instances.js";
import { keySetting } from "./lib/gate/key_setting.js";
import { offerKept } from "./lib/gate/kept_masks.js";
import { listenForKeys } from "./lib/gate/keys.js";
import { maskSetting } from "./lib/gate/mask_editor.js";
import { fitOutputs, followRoutes, readLabels } from "./lib/gate/outputs.js";
import { showGateCommand } from "./lib/gate/reveal.js";
import { menuOf, runFromHereCommand, toolboxCommands } from "./lib/gate/run.js";
import { SLOT_WIDGET, offerSlots, slotWidget, slots } from "./lib/gate/slot_widget.js";
import { gates } from "./lib/gate/store.js";
import { attachGate, closeFullSize, refreshGates } from "./lib/gate/widget.js";
import { guarded } from "./lib/guard.js";
import { preparePainter } from "./lib/painter/painter.js";
import { useStyles } from "./lib/styles.js";

const NODE = "ImageGate";

/** @param {import("./types/comfy.js").GraphNode} node */
function prepare(node) {
  attachGate(node);
  followRoutes(node, refreshGates);
  fitOutputs(node);
}

/**
 * @param {import("./types/comfy.js").GraphNode} node
 * @param {any} saved the node as saved in the workflow
 */
function restore(node, saved) {
  readLabels(node, saved);
  fitOutputs(node, saved);
  refreshGates();
}

preparePainter();

app.registerExtension({
  name: "Datasete.ImageGate",
  commands: [showGateCommand, runFromHereCommand],
  menuCommands: [{ path: ["Extensions", "Datasete"], commands: [showGateCommand.id, runFromHereCommand.id] }],
  settings: [...alertSettings, maskSetting, keySetting(() => gates.notify())],

  getSelectionToolboxCommands: guarded("toolbox", toolboxCommands),
  getNodeMenuItems: guarded("node menu", menuOf),
  getCustomWidgets: () => ({ [SLOT_WIDGET]: slotWidget }),

  setup: guarded("setup", () => {
    useStyles(import.meta.url, "./image_gate.css", "./lib/gate/buttons.css", "./lib/gate/viewer.css");
    gates.subscribe(refreshGates);
    gates.subscribe(offerKept);
    answers.subscribe(refreshGates);
    refusals.subscribe(closeFullSize);
    announceInTitle(gates);
    announceNewGates(gates);
    gates.listen(api);
    slots.listen(api);
    listenForKeys(window);
    followPointer();
    followSubgraphs(app.canvas.canvas, () => gates.notify());
    passOnlyFirstRoute(app, NODE);
  }),

  nodeCreated: guarded("nodeCreated", (/** @type {any} */ node) => {
    if (node.comfyClass === NODE) prepare(node);
  }),

  beforeRegisterNodeDef: guarded("beforeRegisterNodeDef", (/** @type {any} */ type, /** @type {any} */ data) => {
    if (data.name !== NODE) return;
    offerSlots(data, "get_id");
    const configure = type.prototype.configure;
    type.prototype.configure = function configured(/** @type {any} */ saved) {
      const { widgets_values, properties, outputs } = saved; // ComfyUI drops values without a widget
      const result = configure.apply(this, arguments);
      guarded("configure", () => restore(this, { widgets_values, properties, outputs }))();
      return result;
    };
  }),

  afterConfigureGraph: guarded("afterConfigureGraph", () => gates.notify()),
});
