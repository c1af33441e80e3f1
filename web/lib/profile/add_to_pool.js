/** “Add to pool…” at a gate: adds its picture, with the mask, to a profile or to a pool of this workflow. */

import { ServerError, newId } from "../client.js";
import { toast } from "../comfy.js";
import { addGateAction } from "../gate/actions.js";
import { previewUrl, sendHold } from "../gate/client.js";
import { allNodes } from "../graph.js";
import { guarded } from "../guard.js";
import { isPoolNode, poolIdOf } from "../pool/node.js";
import { say, sayCount } from "../say.js";
import { sentences } from "../ui.js";
import { PoolChooser } from "./add_to_pool_dialog.js";
import { server } from "./client.js";
import { profiles } from "./store.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {import("./add_to_pool_dialog.js").Place} Place */
/** @typedef {import("./add_to_pool_dialog.js").Wish} Wish */

const THUMBNAIL = 144;

/** The pool that was chosen last on this page: people fill a set picture by picture. */
let last = "";

/** @param {Gate} gate @param {number} frame */
async function addToPool(gate, frame) {
  if (gate.policy) guarded("hold", sendHold)(gate); // somebody is there who will decide
  await profiles.refresh();
  const operation = newId(); // the same when it is tried again: a picture whose answer got lost is added once
  const chooser = new PoolChooser({
    picture: previewUrl(gate, frame, THUMBNAIL),
    size: `${gate.width}×${gate.height}`,
    frame,
    frames: gate.frames,
    places: places(),
    place: last,
    keep: (wish) => keep(gate, frame, wish, operation),
  });
  chooser.open();
}

/** @returns {Place[]} the profiles, then pools of this workflow that have no name */
function places() {
  const named = profiles.all.map(({ id, name }) => ({ id, name, isProfile: true }));
  /** @type {Map<string, Place>} */
  const others = new Map();
  for (const node of allNodes().filter(isPoolNode)) {
    const id = poolIdOf(node);
    if (profiles.find(id)) continue;
    const title = say("{title} (node {id})", { title: node.title || say("Image Pool"), id: node.id });
    const known = others.get(id);
    others.set(id, { id, name: known ? `${known.name}, ${title}` : title, isProfile: false });
  }
  return [...named, ...others.values()];
}

/**
 * @param {Gate} gate
 * @param {number} frame
 * @param {Wish} wish
 * @param {string} operation
 * @returns {Promise<string>} why it was not added; "" when it was
 */
async function keep({ token, frames }, frame, { place, create, label, all }, operation) {
  try {
    const where = create ? { profile: create } : { pool_id: place?.id ?? "" };
    const done = await server.keep({ token, ...where, label, frames: all && frames > 1 ? "all" : frame, operation });
    last = done.pool_id;
    const name = create || place?.name || "";
    const added = sayCount(done.added, "The picture is in “{name}” now", "{n} pictures are in “{name}” now", { name });
    toast("success", added, sayCount(done.count, "It has {n} picture. The gate is still waiting for you.", "It has {n} pictures. The gate is still waiting for you."));
    return "";
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    return sentences(error);
  }
}

export function offerAddToPool() {
  addGateAction({
    id: "add-to-pool",
    label: say("Add to pool…"),
    title: say("Add this picture, with its mask, to a pool or a profile"),
    run: guarded("add to pool", (gate, _node, frame) => void addToPool(gate, frame)),
  });
}
