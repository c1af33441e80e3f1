/** The menu on a picture of a pool, and its full-size view. */

import { saveFrom } from "../download.js";
import { openMenuAt, placeOf } from "../menu.js";
import { fileUrl } from "../pool/client.js";
import { say } from "../say.js";
import { copyPicture } from "../viewer/copy_picture.js";
import { openViewer } from "../viewer/viewer.js";
import { editLabel, paint, removeSelected } from "./edits.js";

/** @typedef {import("./controller.js").GridController} GridController */

/** @param {GridController} grid @param {string} name of a picture @returns {import("../viewer/viewer.js").Shown} */
function shownOf(grid, name) {
  const slot = grid.slots.find((one) => one?.image === name);
  return { url: fileUrl(grid.pool?.id ?? "", name), name: slot?.label || name, file: name };
}

/** Opens the pictures of the grid in full size, at the cursor. @param {GridController} grid */
export function openLarge(grid) {
  const order = grid.order().filter(Boolean);
  const at = order.indexOf(grid.selection.cursor);
  if (at >= 0) openViewer(order.map((name) => shownOf(grid, name)), at);
}

/** @param {GridController} grid @param {MouseEvent} event over a picture, or by the menu key */
export function openPictureMenu(grid, event) {
  const target = /** @type {Element} */ (event.target).closest("[data-image]");
  const name = target?.getAttribute("data-image") || grid.selection.cursor;
  if (!name || !grid.pool) return;
  event.preventDefault();
  event.stopPropagation(); // the canvas has a menu of its own
  if (!grid.selection.has(name)) grid.selection.only(name);
  grid.selection.cursor = name;
  grid.update();
  const chosen = grid.chosen();
  const isOff = grid.isReadOnly;
  const { url, file } = shownOf(grid, name);
  const place = placeOf(event, target ?? grid.cells.cellOf(name) ?? grid.view.viewport);
  openMenuAt(place, say("Picture"), [
    { label: say("Open"), run: () => openLarge(grid) },
    { label: say("Compare"), run: () => openViewer(chosen.map((one) => shownOf(grid, one))), isOff: chosen.length !== 2 },
    { label: say("Save to a file"), run: () => saveFrom(url, file) },
    { label: say("Copy the picture"), run: () => copyPicture(url) },
    { label: say("Label"), run: () => editLabel(grid), isOff: isOff || chosen.length !== 1 },
    { label: say("Mask"), run: () => paint(grid), isOff: isOff || chosen.length !== 1 },
    { label: say("Remove"), run: () => removeSelected(grid), isOff },
  ]);
}
