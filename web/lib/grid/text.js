/** The line above a grid, in words. */

import { counted } from "../text.js";

/** @typedef {import("./controller.js").GridController} GridController */

/** @param {GridController} grid @returns {string} how many pictures there are, and which are active and passed on */
export function statusOf(grid) {
  const { pool, slots, found, selection, host } = grid;
  if (!pool || pool.state === "loading") return "Image pool";
  if (pool.state !== "ready" && pool.state !== "unreachable") return ""; // the overlay says it
  if (!slots.length) return pool.state === "ready" ? "Empty" : "";
  const parts = [counted(slots.length, "picture")];
  if (found) parts[0] = `${found.length.toLocaleString()} of ${parts[0]}`;
  const active = grid.activeIndex();
  if (active >= 0) parts.push(`active ${active}`);
  const index = host.index();
  if (index === undefined) parts.push("index comes by wire");
  else if (index >= 0) parts.push(`index selects ${grid.usedIndex()}`);
  if (selection.names.size > 1) parts.push(`${selection.names.size.toLocaleString()} selected`);
  return parts.join(" · ");
}

/** @param {GridController} grid @returns {string} who else has these pictures; "" when only this node does */
export function ownerOf({ pool, host }) {
  if (!pool || pool.state !== "ready") return "";
  const others = host.others();
  if (pool.profile) return `Profile “${pool.profile}”`;
  return others ? `Shared with ${others === 1 ? "another node" : `${others} nodes`}` : "";
}
