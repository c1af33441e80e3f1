/** How a batch's state is described. */

/** @typedef {import("../../types/batch.js").Batch} Batch */

/**
 * @param {number} seconds
 * @returns {string} such as `about 40 s left` or `about 2 h 10 min left`
 */
export function timeLeft(seconds) {
  if (seconds < 1) return "almost done";
  if (seconds < 60) return `about ${Math.ceil(seconds)} s left`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${minutes} min left`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `about ${hours} h ${minutes % 60 ? `${minutes % 60} min ` : ""}left`;
  return `about ${Math.round(hours / 24)} days left`;
}

/**
 * @param {Batch} batch
 * @param {boolean} isNamed whether the folder's name is shown beside it already
 * @returns {string} its STATUS, without the reason, which has a line of its own
 */
export function statusLine({ status, message, state, name }, isNamed) {
  if (state === "fresh") return "Not started";
  const ending = ` · ${message}`;
  let line = message && status.endsWith(ending) ? status.slice(0, -ending.length) : status;
  if (isNamed) line = line.replace(` · ${name}`, "");
  return line.charAt(0).toUpperCase() + line.slice(1);
}

/**
 * @param {Batch} batch
 * @returns {string} such as `12 done · 2 skipped · 1 renamed · 4 not read · 326 left`
 */
export function counts({ done, skipped, renamed, unread, left }) {
  const parts = [`${done} done`];
  if (skipped) parts.push(`${skipped} skipped`);
  if (renamed) parts.push(`${renamed} renamed`);
  if (unread) parts.push(`${unread} not read`);
  if (left) parts.push(`${left} left`);
  return parts.join(" · ");
}

/** @type {Record<string, string>} */
const WAITING = {
  browser: "Asked the tab that queued the last run to press Run",
  impact: "Asked for the next run through impact-add-queue",
  manual: "Press Run for the next picture",
};

/**
 * @param {Batch} batch
 * @param {string} configured the trigger that the configuration names
 * @returns {string} what starts the next run
 */
export function triggerLine({ waits_for: asked, running, trigger, state }, configured) {
  if (state === "walking" && asked && !running) return WAITING[asked] ?? `Asked for the next run: ${asked}`;
  const chosen = trigger && trigger !== configured ? `${trigger} (${configured})` : configured;
  return chosen ? `Trigger: ${chosen}` : "";
}

/** @type {Record<string, string>} */
const RESUME = { paused: "Resume", stopped: "Continue" };

/**
 * @param {Batch} batch
 * @returns {string} the label of the button that continues; "" when there is nothing to continue with
 */
export function resumeLabel({ state, waits_for: asked, running }) {
  if (state === "walking" && asked && asked !== "manual" && !running) return "Ask again";
  return RESUME[state] ?? "";
}
