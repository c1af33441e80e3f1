/** What people do to a batch: pause it, let it go on, begin it anew. */

import { act } from "./client.js";
import { batches } from "./store.js";
import { app, toast } from "../comfy.js";
import { guarded } from "../guard.js";

/** @typedef {import("../../types/batch.js").Batch} Batch */

/** Keys of batches to which something is being done. */
const busy = new Set();

/** @param {string} key */
export const isBusy = (key) => busy.has(key);

/** @param {() => void} [resized] */
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
  const isSure = await app.extensionManager.dialog.confirm({
    title: "Begin this batch anew?",
    message: `“${batch.name}” stands at ${batch.index + 1} of ${batch.total}. The next run begins at the beginning. Files that were saved stay as they are.`,
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
    const { message, hint, status } = /** @type {import("../client.js").ServerError} */ (error);
    toast(status === 409 ? "warn" : "error", message, hint);
  } finally {
    busy.delete(key);
    batches.tell(key);
  }
}
