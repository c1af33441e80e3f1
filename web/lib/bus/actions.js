/** What a person can do with a slot. Each action says how it ended, and offers to undo it. */

import { deleteSlot, fetchHistory, fetchWhole, restoreSlot } from "./client.js";
import { bus } from "./store.js";
import { copyText } from "../clipboard.js";
import { app, toast } from "../comfy.js";
import { saveBlob } from "../download.js";
import { say } from "../say.js";
import { showError } from "../ui.js";

/** @typedef {import("./client.js").Version} Version */
/** @typedef {{text: string, undo: (() => Promise<unknown>) | null}} Done what was done, and how to undo it where that is possible */
/** @typedef {(done: Done) => void} Report */

/**
 * @typedef {object} Panel what a view may ask of the panel around it
 * @property {(slot: import("./client.js").Slot) => void} open a slot's own page
 * @property {() => void} back to the list
 * @property {Report} report
 * @property {() => boolean} undo the last action; false when there is nothing to undo
 */

/**
 * @param {string} id
 * @param {Report} report
 * @returns {Promise<boolean>} whether it is gone
 */
export async function removeSlot(id, report) {
  if (!bus.history && !(await isConfirmed(id))) return false;
  const version = await orShowError(say("“{id}” was not deleted", { id }), () => deleteSlot(id));
  if (version === undefined) return false;
  bus.forget(id);
  bus.refresh();
  report({ text: say("Deleted “{id}”", { id }), undo: version ? () => putBack(id, version) : null });
  return true;
}

/** @param {string} id @returns {Promise<boolean>} only asked where the slot cannot be restored */
async function isConfirmed(id) {
  const message = say("This bus keeps no history, so “{id}” cannot be restored.", { id });
  return Boolean(await app.extensionManager.dialog.confirm({ title: say("Delete the slot?"), message, type: "delete" }));
}

/** @param {string} id @param {string} version */
async function putBack(id, version) {
  await orShowError(say("“{id}” could not be restored", { id }), () => restoreSlot(id, version));
  bus.refresh();
}

/**
 * @param {string} id
 * @param {Version} version
 * @param {Report} report
 * @returns {Promise<boolean>} whether the slot holds it again
 */
export async function restoreVersion(id, version, report) {
  const before = await orShowError(say("“{id}” was not restored", { id }), async () => {
    const versions = await fetchHistory(id);
    await restoreSlot(id, version.version);
    return versions;
  });
  if (!before) return false;
  const replaced = await replacedSince(id, before).catch(() => undefined);
  bus.refresh();
  const undo = replaced ? () => putBack(id, replaced) : null;
  report({ text: say("Restored “{id}”", { id }), undo });
  return true;
}

/**
 * @param {string} id
 * @param {Version[]} before
 * @returns {Promise<string | undefined>} the version that a restore has put into the history
 */
async function replacedSince(id, before) {
  const known = new Set(before.map(({ version }) => version));
  return (await fetchHistory(id)).find(({ version }) => !known.has(version))?.version;
}

/** @param {string} id */
export async function copyName(id) {
  const isDone = await copyText(id);
  if (isDone) toast("success", say("Copied “{id}”", { id }));
  else toast("warn", say("This browser does not let a page copy text here"));
}

/**
 * @param {string} id
 * @param {string} version "" for what the slot holds now
 */
export async function downloadPicture(id, version) {
  const picture = await orShowError(say("“{id}” could not be downloaded", { id }), () => fetchWhole(id, version));
  if (picture) saveBlob(picture, `${id}.${suffix(picture.type)}`);
}

/** @param {string} type of the media */
function suffix(type) {
  return { "image/jpeg": "jpg", "image/webp": "webp" }[type] ?? "png";
}

/**
 * @template T
 * @param {string} summary
 * @param {() => Promise<T>} work
 * @returns {Promise<T | undefined>} undefined when the server refused, which is then shown
 */
async function orShowError(summary, work) {
  try {
    return await work();
  } catch (error) {
    showError(error, summary);
    return undefined;
  }
}
