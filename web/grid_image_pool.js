/**
 * Image Pool (Grid): shows a pool's pictures in its node, where they are added, ordered, labelled, masked and removed.
 *
 * The server keeps the pool; this page shows it, and sends edits that name pictures. The node's hidden `pool_id` says which
 * pool it is. A copy of a node keeps it like its other values: both show the same pool until Detach separates them.
 */

import { api, app } from "./lib/comfy.js";
import { attachPool, listenForPaste, redrawPools, refreshPools } from "./lib/grid/widget.js";
import { chain, guarded } from "./lib/guard.js";
import { preparePainter } from "./lib/painter/painter.js";
import { POOL_NODE, isPoolNode } from "./lib/pool/node.js";
import { listenForPools } from "./lib/pool/open_pools.js";
import { isProfileMissing, synced } from "./lib/profile/sync.js";
import { useStyles } from "./lib/styles.js";

const PARTS = ["cells", "overlay", "bar", "label"].map((part) => `./lib/grid/${part}.css`);

preparePainter();

app.registerExtension({
  name: "Datasete.GridImagePool",

  setup: guarded("setup", () => {
    useStyles(import.meta.url, "./grid_image_pool.css", ...PARTS, "./lib/pool/progress.css", "./lib/viewer/viewer.css");
    listenForPools(api);
    listenForPaste(window);
    synced.subscribe(redrawPools);
  }),

  nodeCreated: guarded("nodeCreated", (/** @type {any} */ node) => {
    if (isPoolNode(node)) attachPool(node, isProfileMissing);
  }),

  beforeRegisterNodeDef: guarded("beforeRegisterNodeDef", (/** @type {any} */ type, /** @type {any} */ data) => {
    if (data.name !== POOL_NODE) return;
    chain(type.prototype, "onConfigure", () => queueMicrotask(guarded("configure", refreshPools)));
  }),

  afterConfigureGraph: guarded("afterConfigureGraph", () => refreshPools()),
});
