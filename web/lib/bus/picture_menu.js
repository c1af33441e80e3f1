/** The full-size view of a slot's picture, and the menu on it. */

import { copyName, downloadPicture } from "./actions.js";
import { pictureUrl } from "./client.js";
import { openMenuAt, placeOf } from "../menu.js";
import { say } from "../say.js";
import { copyPicture } from "../viewer/copy_picture.js";
import { openViewer } from "../viewer/viewer.js";

/** @param {string} id */
export const openSlot = (id) => openViewer([{ url: pictureUrl(id, ""), name: id, file: `${id}.png` }]);

/** @param {string} id @param {MouseEvent} event over its row or picture */
export function openSlotMenu(id, event) {
  event.preventDefault();
  event.stopPropagation();
  openMenuAt(placeOf(event, /** @type {Element} */ (event.currentTarget)), id, [
    { label: say("Open"), run: () => openSlot(id) },
    { label: say("Save to a file"), run: () => downloadPicture(id, "") },
    { label: say("Copy the picture"), run: () => copyPicture(pictureUrl(id, "")) },
    { label: say("Copy the name"), run: () => copyName(id) },
  ]);
}
