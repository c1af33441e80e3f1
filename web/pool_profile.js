/**
 * Pool Profile: chooses the named pool that the pools behind it show and use, and manages those names.
 *
 * The server holds the profiles; the node holds which one is chosen, and what pools show follows from the wires.
 */

import { api, app } from "./lib/comfy.js";
import { hideWidget } from "./lib/graph.js";
import { guarded } from "./lib/guard.js";
import { isPoolNode } from "./lib/pool/node.js";
import { offerAddToPool } from "./lib/profile/add_to_pool.js";
import { PROFILE_WIDGET, offerProfiles, profileWidget } from "./lib/profile/dropdown.js";
import { ID_WIDGET, PROFILE_NODE, isProfileNode } from "./lib/profile/node.js";
import { resolveProfiles } from "./lib/profile/queue.js";
import { profiles } from "./lib/profile/store.js";
import { followWires, syncSoon, synced } from "./lib/profile/sync.js";
import { attachProfile, refreshPanels } from "./lib/profile/widget.js";
import { useStyles } from "./lib/styles.js";

app.registerExtension({
  name: "Datasete.PoolProfile",

  getCustomWidgets: () => ({ [PROFILE_WIDGET]: profileWidget }),

  setup: guarded("setup", () => {
    useStyles(import.meta.url, "./pool_profile.css", "./lib/pool/progress.css");
    profiles.subscribe(syncSoon);
    profiles.subscribe(refreshPanels);
    synced.subscribe(refreshPanels);
    profiles.listen(api);
    api.addEventListener("graphChanged", syncSoon); // also wires that end at neither a profile nor a pool
    resolveProfiles(app);
    offerAddToPool();
  }),

  beforeRegisterNodeDef: guarded("beforeRegisterNodeDef", (/** @type {any} */ _type, /** @type {any} */ data) => {
    if (data.name === PROFILE_NODE) offerProfiles(data);
  }),

  nodeCreated: guarded("nodeCreated", (/** @type {any} */ node) => {
    if (isProfileNode(node)) {
      hideWidget(node, ID_WIDGET);
      attachProfile(node);
    }
    if (isProfileNode(node) || isPoolNode(node)) followWires(node);
  }),

  afterConfigureGraph: guarded("afterConfigureGraph", () => syncSoon()),
});
