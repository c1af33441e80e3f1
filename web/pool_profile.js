/**
 * Pool Profile: chooses which named pool the pools behind it show and use, and looks after the names.
 *
 * The server holds the profiles; what is chosen hangs on the node, and what pools show follows from the wires.
 */

import "./lib/profile/add_to_pool.js";
import { api, app } from "./lib/comfy.js";
import { guarded } from "./lib/guard.js";
import { isPoolNode } from "./lib/pool/node.js";
import { PROFILE_NODE, hideId, isProfileNode } from "./lib/profile/node.js";
import { attachProfile, refreshPanels } from "./lib/profile/panel.js";
import { tellPoolsTheirProfile } from "./lib/profile/queue.js";
import { followWires, onSynced, syncSoon } from "./lib/profile/sync.js";
import { PROFILE_WIDGET, offerProfiles, profileWidget } from "./lib/profile/widget.js";
import { profiles } from "./lib/profile/profiles.js";
import { useStyles } from "./lib/styles.js";

app.registerExtension({
  name: "Datasete.PoolProfile",

  getCustomWidgets: () => ({ [PROFILE_WIDGET]: profileWidget }),

  setup: guarded("setup", () => {
    useStyles(import.meta.url, "./pool_profile.css", "./lib/pool/progress.css");
    profiles.subscribe(syncSoon);
    profiles.subscribe(refreshPanels);
    onSynced(refreshPanels);
    profiles.listen(api);
    api.addEventListener("graphChanged", syncSoon); // wires that neither a profile nor a pool is at the end of
    tellPoolsTheirProfile(app);
  }),

  beforeRegisterNodeDef: guarded("beforeRegisterNodeDef", (/** @type {any} */ _type, /** @type {any} */ data) => {
    if (data.name === PROFILE_NODE) offerProfiles(data);
  }),

  nodeCreated: guarded("nodeCreated", (/** @type {any} */ node) => {
    if (isProfileNode(node)) {
      hideId(node);
      attachProfile(node);
    }
    if (isProfileNode(node) || isPoolNode(node)) followWires(node);
  }),

  afterConfigureGraph: guarded("afterConfigureGraph", () => syncSoon()),
});
