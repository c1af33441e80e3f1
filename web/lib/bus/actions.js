/** What a person can do with a slot. Each says what came of it, and how to take it back. */

import { deleteSlot, fetchHistory, fetchWhole, restoreSlot } from "./client.js";
import { bus } from "./model.js";
import { ServerError } from "../client.js";
import { app, toast } from "../comfy.js";
import { saveBlob } from "../download.js";

/** @typedef {import("./client.js").Version} Version */
/** @typedef {(deed: import("./undo.js").Deed) => void} Tell */
/** @typedef {{open: (slot: import("./client.js").Slot) => void, back: () => void, undo: () => boolean, tell: Tell}} Ways what a view may ask of the panel around it */

/**
 * @param {string} id
 * @param {Tell} tell
 * @returns {Promise<boolean>} whether it is gone
 */
export async function removeSlot(id, tell) {
  if (!bus.history && !(await isMeant(id))) return false;
  const version = await orComplain(`“${id}” was not deleted`, () => deleteSlot(id));
  if (version === undefined) return false;
  bus.forget(id);
  bus.refresh();
  tell({ text: `Deleted “${id}”`, undo: version ? () => takeBack(id, version) : null });
  return true;
}

/** @param {string} id @returns {Promise<boolean>} asked only where nothing can be undone */
async function isMeant(id) {
  const message = `This bus keeps no history, so “${id}” cannot be restored.`;
  return Boolean(await app.extensionManager.dialog.confirm({ title: "Delete the slot?", message, type: "delete" }));
}

/** @param {string} id @param {string} version */
async function takeBack(id, version) {
  await orComplain(`“${id}” could not be restored`, () => restoreSlot(id, version));
  bus.refresh();
}

/**
 * @param {string} id
 * @param {Version} version
 * @param {Tell} tell
 * @returns {Promise<boolean>} whether the slot holds it again
 */
export async function restoreVersion(id, version, tell) {
  const done = await orComplain(`“${id}” was not restored`, async () => {
    const before = await fetchHistory(id);
    await restoreSlot(id, version.version);
    return before;
  });
  if (!done) return false;
  const replaced = await replacedSince(id, done).catch(() => undefined);
  bus.refresh();
  const undo = replaced ? () => takeBack(id, replaced) : null;
  tell({ text: `Restored “${id}”`, undo });
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
  const isDone = await copied(id);
  toast(isDone ? "success" : "warn", isDone ? `Copied “${id}”` : "This browser does not let a page copy text here");
}

/** @param {string} text @returns {Promise<boolean>} */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // no permission, or a page that was not served securely
  }
}

/**
 * @param {string} id
 * @param {string} version "" for what the slot holds now
 */
export async function downloadPicture(id, version) {
  const picture = await orComplain(`“${id}” could not be downloaded`, () => fetchWhole(id, version));
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
 * @returns {Promise<T | undefined>} nothing when the server refused, which was then said
 */
async function orComplain(summary, work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    toast("error", summary, [error.message, error.hint].filter(Boolean).join(" "));
    return undefined;
  }
}
