/** The line over a grid, in words. */

/** @typedef {import("./controller.js").GridController} GridController */

const number = new Intl.NumberFormat("en");

/** @param {GridController} grid @returns {string} how many there are, which one is active, and which one a run hands on */
export function statusOf(grid) {
  const { pool, slots, found, selection, host } = grid;
  if (!pool || pool.state === "loading") return "Image pool";
  if (pool.state !== "ready" && pool.state !== "unreachable") return ""; // what stands below says it
  if (!slots.length) return pool.state === "ready" ? "Empty" : "";
  const parts = [counted(slots.length)];
  if (found) parts[0] = `${number.format(found.length)} of ${parts[0]}`;
  const active = grid.activePlace();
  if (active >= 0) parts.push(`active ${active}`);
  const index = host.index();
  if (index === undefined) parts.push("index by wire");
  else if (index >= 0) parts.push(`index hands on ${grid.usedPlace()}`);
  if (selection.names.size > 1) parts.push(`${number.format(selection.names.size)} selected`);
  return parts.join(" · ");
}

/** @param {number} count */
function counted(count) {
  return count === 1 ? "1 picture" : `${number.format(count)} pictures`;
}

/** @param {GridController} grid @returns {string} whose pictures these are, where they are not this node's alone */
export function ownerOf({ pool, host }) {
  if (!pool || pool.state !== "ready") return "";
  const others = host.others();
  if (pool.profile) return `Profile “${pool.profile}”`;
  return others ? `Shared with ${others === 1 ? "another node" : `${others} nodes`}` : "";
}
