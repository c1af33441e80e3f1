/** What people do to a batch: pause it, let it continue, start it over. */

import { act } from "./client.js";
import { batches } from "./store.js";
import { app } from "../comfy.js";
import { guarded } from "../guard.js";
import { say } from "../say.js";
import { showError } from "../ui.js";

/** @typedef {import("../../types/batch.js").Batch} Batch */

/** Keys of batches whose action is under way. */
const busy = new Set();

/** @param {string} key */
export const isBusy = (key) => busy.has(key);

/** @param {() => void} [resized] see the card's `Actions` */
export function cardActions(resized) {
  return {
    pause: guarded("pause", (/** @type {Batch} */ batch) => change("pause", batch)),
    resume: guarded("resume", (/** @type {Batch} */ batch) => change("resume", batch)),
    reset: guarded("reset", reset),
    resized,
  };
}

/** @param {Batch} batch */
async function reset(batch) {
  const { name, index, total } = batch;
  const isSure = await app.extensionManager.dialog.confirm({
    title: say("Start this batch over?"),
    message: say("“{name}” is at {n} of {all}. The next run starts with the first file. Files that were saved stay as they are.", {
      name,
      n: index + 1,
      all: total,
    }),
  });
  if (isSure) await change("reset", batch);
}

/** @param {"pause" | "resume" | "reset"} action @param {Batch} batch */
async function change(action, { key }) {
  if (busy.has(key)) return;
  busy.add(key);
  try {
    batches.put(await act(action, key));
  } catch (error) {
    showError(error);
  } finally {
    busy.delete(key);
    batches.notify();
  }
}
