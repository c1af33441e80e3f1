/** What a person does in a grid, as edits of its pool. */

import { ServerError } from "../client.js";
import { toast } from "../comfy.js";
import { paintMask } from "./mask.js";
import { editPool, thumbUrl } from "../pool/client.js";
import { activate, label, move, remove } from "../pool/edits.js";
import { paired } from "../pool/pictures.js";

/** @typedef {import("./desk.js").GridDesk} GridDesk */
/** @typedef {import("../pool/edits.js").Edit} Edit */

/**
 * Waits for an answer; a refusal is shown in the server's words.
 *
 * @template T
 * @param {Promise<T> | undefined} answer
 * @returns {Promise<T | undefined>}
 */
export async function attempt(answer) {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    toast(error.status === 404 || error.status === 409 ? "warn" : "error", error.message, error.hint);
    return undefined;
  }
}

/** @param {GridDesk} desk @param {Edit} edit */
async function send(desk, edit) {
  const { pool } = desk;
  if (!pool || desk.isReadOnly) return;
  const done = await attempt(pool.edit(edit).then(() => true));
  if (done && edit.path === "remove_many" && pool.history.at(-1)?.what === edit.what) offer(desk, edit.what);
}

/** @param {GridDesk} desk @param {string} what was done */
function offer(desk, what) {
  desk.bar.offer(what, () => desk.update());
  desk.update();
}

/** @param {GridDesk} desk */
export function activateCursor(desk) {
  const { cursor } = desk.selection;
  return cursor ? send(desk, activate(cursor)) : undefined;
}

/** @param {GridDesk} desk */
export function removeSelected(desk) {
  const images = desk.chosen();
  if (!images.length || desk.isReadOnly) return undefined;
  const order = desk.order();
  const last = order.indexOf(images[images.length - 1]);
  const next = order.slice(last + 1).find(Boolean) ?? order.slice(0, last).findLast((name) => !images.includes(name)) ?? "";
  desk.selection.clear();
  desk.selection.cursor = desk.selection.anchor = next;
  return send(desk, remove(images));
}

/** @param {GridDesk} desk */
export async function undo(desk) {
  const { pool } = desk;
  if (!pool || desk.isReadOnly) return;
  desk.bar.offer("", () => {});
  const wasThere = await attempt(pool.undo());
  if (wasThere === false) toast("info", "Nothing to undo", "Only what was changed in this tab can be taken back here.");
  desk.update();
}

/** @param {GridDesk} desk @param {number} step how many places the selected pictures go on */
export function shift(desk, step) {
  const images = desk.chosen();
  const left = desk.order().filter((name) => !images.includes(name));
  if (!images.length || !left.length) return undefined;
  const order = desk.order();
  const first = order.indexOf(images[0]);
  const place = order.slice(0, first).filter((name) => !images.includes(name)).length;
  const target = Math.min(left.length, Math.max(0, place + step));
  if (target === place && isTogether(order, images)) return undefined;
  return moveTo(desk, images, left[target] ?? null, left);
}

/** @param {string[]} order @param {string[]} images */
function isTogether(order, images) {
  return order.indexOf(images[images.length - 1]) - order.indexOf(images[0]) === images.length - 1;
}

/**
 * Moves pictures in front of another one of the grid. Behind the last one that a search has found is not the end of the
 * pool, but in front of what follows there.
 *
 * @param {GridDesk} desk
 * @param {string[]} images
 * @param {string | null} before null for the end of the grid
 * @param {string[]} left the names in the grid that stay
 */
export async function moveTo(desk, images, before, left) {
  const names = desk.slots.map((slot) => slot?.image ?? "");
  const last = names.indexOf(left[left.length - 1]);
  const behind = names.slice(last + 1).find((name) => !images.includes(name)) ?? null;
  const sent = send(desk, move(images, before ?? (desk.found ? behind : null)));
  desk.reveal();
  await sent;
}

/** @param {GridDesk} desk */
export function editLabel(desk) {
  const [name, ...others] = desk.chosen();
  const number = desk.slots.findIndex((candidate) => candidate?.image === name);
  const slot = desk.slots[number];
  if (!slot || others.length || !desk.pool || desk.isReadOnly) return;
  desk.editor.open({ name, number, label: slot.label, url: thumbUrl(desk.pool.id, slot, 256) });
}

/** @param {GridDesk} desk @param {string} name @param {string} text */
export function saveLabel(desk, name, text) {
  return send(desk, label(name, text));
}

/** @param {GridDesk} desk @param {number} step */
export function labelNext(desk, step) {
  const at = desk.selection.cursor;
  desk.moveCursor(step);
  if (desk.selection.cursor !== at) editLabel(desk);
}

/** @param {GridDesk} desk */
export async function paint(desk) {
  const [name, ...others] = desk.chosen();
  const slot = desk.slots.find((candidate) => candidate?.image === name);
  if (!slot || others.length || desk.isReadOnly || !desk.pool) return;
  await attempt(paintMask(desk.pool, slot));
  desk.view.viewport.focus({ preventScroll: true });
}

/** @param {GridDesk} desk */
export async function detach(desk) {
  const { pool } = desk;
  if (pool?.state !== "ready") return;
  const copy = await attempt(editPool("detach", { pool_id: pool.id }));
  if (!copy) return;
  desk.host.use(copy.pool_id);
  toast("success", "The node has a pool of its own now", `A copy of ${copy.count} pictures. The other pool is as it was.`);
}

/**
 * Adds files that were chosen, pasted or dropped. What is no picture by its name is sent all the same: the server looks
 * inside, and says what is wrong with it.
 *
 * @param {GridDesk} desk
 * @param {File[]} files
 */
export function addFiles(desk, files) {
  return addPictures(desk, paired(files.map((file) => ({ path: file.name, file }))));
}

/**
 * @param {GridDesk} desk
 * @param {import("../pool/pictures.js").Picture[]} pictures
 * @param {import("../pool/client.js").Refusal[]} [refused]
 */
export async function addPictures(desk, pictures, refused = []) {
  const { pool, uploads } = desk;
  if (!uploads || !(pictures.length || refused.length)) return;
  if (pool?.state === "loading") await pool.reading; // a far pool takes its time, and people do not wait
  if (desk.isReadOnly) {
    toast("warn", "Nothing can be added here now", "The node says why in the place of its pictures.");
    return;
  }
  desk.bar.offer("", () => {});
  await uploads.add(pictures, refused);
}
