/** What a person does in a grid, as edits of its pool. */

import { ServerError } from "../client.js";
import { toast } from "../comfy.js";
import { paintMask } from "./mask.js";
import { editPool, thumbUrl } from "../pool/client.js";
import { activate, label, move, remove } from "../pool/edits.js";
import { paired } from "../pool/pictures.js";

/** @typedef {import("./controller.js").GridController} GridController */
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

/** @param {GridController} grid @param {Edit} edit */
async function send(grid, edit) {
  const { pool } = grid;
  if (!pool || grid.isReadOnly) return;
  const done = await attempt(pool.edit(edit).then(() => true));
  if (done && edit.path === "remove_many" && pool.history.at(-1)?.what === edit.what) offer(grid, edit.what);
}

/** @param {GridController} grid @param {string} what was done */
function offer(grid, what) {
  grid.bar.offer(what, () => grid.update());
  grid.update();
}

/** @param {GridController} grid */
export function activateCursor(grid) {
  const { cursor } = grid.selection;
  return cursor ? send(grid, activate(cursor)) : undefined;
}

/** @param {GridController} grid */
export function removeSelected(grid) {
  const images = grid.chosen();
  if (!images.length || grid.isReadOnly) return undefined;
  const order = grid.order();
  const last = order.indexOf(images[images.length - 1]);
  const next = order.slice(last + 1).find(Boolean) ?? order.slice(0, last).findLast((name) => !images.includes(name)) ?? "";
  grid.selection.clear();
  grid.selection.cursor = grid.selection.anchor = next;
  return send(grid, remove(images));
}

/** @param {GridController} grid */
export async function undo(grid) {
  const { pool } = grid;
  if (!pool || grid.isReadOnly) return;
  grid.bar.offer("", () => {});
  const wasThere = await attempt(pool.undo());
  if (wasThere === false) toast("info", "Nothing to undo", "Only what was changed in this tab can be taken back here.");
  grid.update();
}

/** @param {GridController} grid @param {number} step how many places the selected pictures go on */
export function shift(grid, step) {
  const images = grid.chosen();
  const left = grid.order().filter((name) => !images.includes(name));
  if (!images.length || !left.length) return undefined;
  const order = grid.order();
  const first = order.indexOf(images[0]);
  const place = order.slice(0, first).filter((name) => !images.includes(name)).length;
  const target = Math.min(left.length, Math.max(0, place + step));
  if (target === place && isTogether(order, images)) return undefined;
  return moveTo(grid, images, left[target] ?? null, left);
}

/** @param {string[]} order @param {string[]} images */
function isTogether(order, images) {
  return order.indexOf(images[images.length - 1]) - order.indexOf(images[0]) === images.length - 1;
}

/**
 * Moves pictures in front of another one of the grid. Behind the last one that a search has found is not the end of the
 * pool, but in front of what follows there.
 *
 * @param {GridController} grid
 * @param {string[]} images
 * @param {string | null} before null for the end of the grid
 * @param {string[]} left the names in the grid that stay
 */
export async function moveTo(grid, images, before, left) {
  const names = grid.slots.map((slot) => slot?.image ?? "");
  const last = names.indexOf(left[left.length - 1]);
  const behind = names.slice(last + 1).find((name) => !images.includes(name)) ?? null;
  const sent = send(grid, move(images, before ?? (grid.found ? behind : null)));
  grid.reveal();
  await sent;
}

/** @param {GridController} grid */
export function editLabel(grid) {
  const [name, ...others] = grid.chosen();
  const number = grid.slots.findIndex((candidate) => candidate?.image === name);
  const slot = grid.slots[number];
  if (!slot || others.length || !grid.pool || grid.isReadOnly) return;
  grid.editor.open({ name, number, label: slot.label, url: thumbUrl(grid.pool.id, slot, 256) });
}

/** @param {GridController} grid @param {string} name @param {string} text */
export function saveLabel(grid, name, text) {
  return send(grid, label(name, text));
}

/** @param {GridController} grid @param {number} step */
export function labelNext(grid, step) {
  const at = grid.selection.cursor;
  grid.moveCursor(step);
  if (grid.selection.cursor !== at) editLabel(grid);
}

/** @param {GridController} grid */
export async function paint(grid) {
  const [name, ...others] = grid.chosen();
  const slot = grid.slots.find((candidate) => candidate?.image === name);
  if (!slot || others.length || grid.isReadOnly || !grid.pool) return;
  await attempt(paintMask(grid.pool, slot));
  grid.view.viewport.focus({ preventScroll: true });
}

/** @param {GridController} grid */
export async function detach(grid) {
  const { pool } = grid;
  if (pool?.state !== "ready") return;
  const copy = await attempt(editPool("detach", { pool_id: pool.id }));
  if (!copy) return;
  grid.host.use(copy.pool_id);
  toast("success", "The node has a pool of its own now", `A copy of ${copy.count} pictures. The other pool is as it was.`);
}

/**
 * Adds files that were chosen, pasted or dropped. What is no picture by its name is sent all the same: the server looks
 * inside, and says what is wrong with it.
 *
 * @param {GridController} grid
 * @param {File[]} files
 */
export function addFiles(grid, files) {
  return addPictures(grid, paired(files.map((file) => ({ path: file.name, file }))));
}

/**
 * @param {GridController} grid
 * @param {import("../pool/pictures.js").Picture[]} pictures
 * @param {import("../pool/client.js").Refusal[]} [refused]
 */
export async function addPictures(grid, pictures, refused = []) {
  const { pool, uploads } = grid;
  if (!uploads || !(pictures.length || refused.length)) return;
  if (pool?.state === "loading") await pool.reading; // a far pool takes its time, and people do not wait
  if (grid.isReadOnly) {
    toast("warn", "Nothing can be added here now", "The node says why in the place of its pictures.");
    return;
  }
  grid.bar.offer("", () => {});
  await uploads.add(pictures, refused);
}
