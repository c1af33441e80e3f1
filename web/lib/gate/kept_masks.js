/**
 * Masks that were painted at a gate whose run ended meanwhile. They go to the next gate at the same node that shows the same
 * file in the same size; until then they are kept on this page.
 */

import { toast } from "../comfy.js";
import { guarded } from "../guard.js";
import { say } from "../say.js";
import { sendMask } from "./client.js";
import { displayOf } from "./own_node.js";
import { gates } from "./store.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {{mask: Blob, frame: number | undefined}} Painted `frame` is undefined when the mask is for all frames */

/** @type {Map<string, Painted>} */
const kept = new Map();

/** @param {Gate} gate @returns {string} what must be the same for a mask to fit */
const placeOf = (gate) => {
  const { workflow, width, height, frames, batch, slot } = gate;
  return [workflow, displayOf(gate), width, height, frames, batch?.filename, slot].join("/");
};

/** @param {Gate} gate whose run has ended @param {Painted} painted */
export function keepMask(gate, painted) {
  kept.set(placeOf(gate), painted);
  toast("info", say("The mask is kept"), say("The next run that stops here with a picture of the same file and size takes it up."));
  guarded("kept masks", offerKept)();
}

/** Gives the masks that are kept to the gates that they fit. */
export function offerKept() {
  if (!kept.size) return;
  for (const gate of gates.all()) {
    const painted = kept.get(placeOf(gate));
    if (painted) void give(gate, painted);
  }
}

/** @param {Gate} gate @param {Painted} painted */
async function give(gate, painted) {
  kept.delete(placeOf(gate));
  try {
    await sendMask(gate, painted.mask, painted.frame);
    gates.markMasked(gate);
    toast("info", say("Your mask was taken up"), say("It was painted before the last run ended. Edit mask changes it."));
  } catch {
    kept.set(placeOf(gate), painted); // for the next one
  }
}
