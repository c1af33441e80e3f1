/** Turns what a person does in a grid into edits of its pool. */

import { toast } from "../comfy.js";
import { editPool, thumbUrl } from "../pool/client.js";
import { activate, label, move, remove } from "../pool/edits.js";
import { paired } from "../pool/pictures.js";
import { say, sayCount } from "../say.js";
import { showError } from "../ui.js";
import { paintMask } from "./mask.js";

/** @typedef {import("./controller.js").GridController} GridController */
/** @typedef {import("../pool/edits.js").Edit} Edit */

/**
 * Waits for an answer, and shows a refusal in the server's words.
 *
 * @template T
 * @param {Promise<T> | undefined} answer
 * @returns {Promise<T | undefined>}
 */
export async function attempt(answer) {
  try {
    return await answer;
  } catch (error) {
    showError(error);
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
  if (wasThere === false) toast("info", say("Nothing to undo"), say("Only changes that were made in this tab can be undone here."));
  grid.update();
}

/** @param {GridController} grid @param {number} step by how many pictures the selected ones move */
export function shift(grid, step) {
  const images = grid.chosen();
  const left = grid.order().filter((name) => !images.includes(name));
  if (!images.length || !left.length) return undefined;
  const order = grid.order();
  const first = order.indexOf(images[0]);
  const from = order.slice(0, first).filter((name) => !images.includes(name)).length;
  const target = Math.min(left.length, Math.max(0, from + step));
  if (target === from && isTogether(order, images)) return undefined;
  return moveTo(grid, images, left[target] ?? null, left);
}

/** @param {string[]} order @param {string[]} images */
function isTogether(order, images) {
  return order.indexOf(images[images.length - 1]) - order.indexOf(images[0]) === images.length - 1;
}

/**
 * Moves pictures in front of another one in the grid. After a search, the end of the grid is not the end of the pool: the
 * pictures then go right after the last match.
 *
 * @param {GridController} grid
 * @param {string[]} images
 * @param {string | null} before null for the end of the grid
 * @param {string[]} left names of the other pictures in the grid
 */
export async function moveTo(grid, images, before, left) {
  const names = grid.slots.map((slot) => slot?.image ?? "");
  const last = names.indexOf(left[left.length - 1]);
  const following = names.slice(last + 1).find((name) => !images.includes(name)) ?? null;
  const sent = send(grid, move(images, before ?? (grid.found ? following : null)));
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
  const copied = sayCount(
    copy.count,
    "A copy of {n} picture. The other pool is unchanged.",
    "A copy of {n} pictures. The other pool is unchanged.",
  );
  toast("success", say("The node now has its own pool"), copied);
}

/**
 * Adds files that were chosen, pasted or dropped. Files whose names are not those of pictures are sent as well: the server
 * looks inside, and says what is wrong.
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
  if (pool?.state === "loading") await pool.running; // a remote pool may take seconds, and people do not wait
  if (grid.isReadOnly) {
    toast("warn", say("Nothing can be added here now"), say("The node says why, where its pictures would be."));
    return;
  }
  grid.bar.offer("", () => {});
  await uploads.add(pictures, refused);
}
