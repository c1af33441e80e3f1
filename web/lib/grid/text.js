/** The line above a grid, in words. */

import { say, sayCount } from "../say.js";

/** @typedef {import("./controller.js").GridController} GridController */

/** @param {GridController} grid @returns {string} how many pictures there are, and which are active and passed on */
export function statusOf(grid) {
  const { pool, slots, found, selection, host } = grid;
  if (!pool || pool.state === "loading") return say("Image pool");
  if (pool.state !== "ready" && pool.state !== "unreachable") return ""; // the overlay says it
  if (!slots.length) return pool.state === "ready" ? say("Empty") : "";
  const shown = found?.length.toLocaleString() ?? "";
  const parts = [
    found
      ? sayCount(slots.length, "{shown} of {n} picture", "{shown} of {n} pictures", { shown })
      : sayCount(slots.length, "{n} picture", "{n} pictures"),
  ];
  const active = grid.activeIndex();
  if (active >= 0) parts.push(say("active {index}", { index: active }));
  const index = host.index();
  if (index === undefined) parts.push(say("index comes by wire"));
  else if (index >= 0) parts.push(say("index selects {index}", { index: grid.usedIndex() }));
  if (selection.names.size > 1) parts.push(say("{n} selected", { n: selection.names.size.toLocaleString() }));
  return parts.join(" · ");
}

/** @param {GridController} grid @returns {string} who else has these pictures; "" when only this node does */
export function ownerOf({ pool, host }) {
  if (!pool || pool.state !== "ready") return "";
  const others = host.others();
  if (pool.profile) return say("Profile “{name}”", { name: pool.profile });
  return others ? sayCount(others, "Shared with another node", "Shared with {n} nodes") : "";
}
