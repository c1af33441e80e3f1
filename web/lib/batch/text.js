/** How a batch's state is described. */

import { say } from "../say.js";

/** @typedef {import("../../types/batch.js").Batch} Batch */

/**
 * @param {number} seconds
 * @returns {string} such as `about 40 s left` or `about 2 h 10 min left`
 */
export function timeLeft(seconds) {
  if (seconds < 1) return say("almost done");
  if (seconds < 60) return say("about {n} s left", { n: Math.ceil(seconds) });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return say("about {n} min left", { n: minutes });
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours < 48) return rest ? say("about {hours} h {n} min left", { hours, n: rest }) : say("about {hours} h left", { hours });
  return say("about {n} days left", { n: Math.round(hours / 24) });
}

/**
 * @param {Batch} batch
 * @param {boolean} isNamed whether the folder's name is shown beside it already
 * @returns {string} its STATUS, without the reason, which has a line of its own
 */
export function statusLine({ status, message, state, name }, isNamed) {
  if (state === "fresh") return say("Not started");
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
  const parts = [say("{n} done", { n: done })];
  if (skipped) parts.push(say("{n} skipped", { n: skipped }));
  if (renamed) parts.push(say("{n} renamed", { n: renamed }));
  if (unread) parts.push(say("{n} not read", { n: unread }));
  if (left) parts.push(say("{n} left", { n: left }));
  return parts.join(" · ");
}

/** @returns {Record<string, string>} by trigger */
const waiting = () => ({
  browser: say("Asked the tab that queued the last run to press Run"),
  impact: say("Asked for the next run through impact-add-queue"),
  manual: say("Press Run for the next picture"),
});

/**
 * @param {Batch} batch
 * @param {string} configured the trigger that the configuration names
 * @returns {string} what starts the next run
 */
export function triggerLine({ waits_for: asked, running, trigger, state }, configured) {
  if (state === "walking" && asked && !running) return waiting()[asked] ?? say("Asked for the next run: {trigger}", { trigger: asked });
  const chosen = trigger && trigger !== configured ? `${trigger} (${configured})` : configured;
  return chosen ? say("Trigger: {trigger}", { trigger: chosen }) : "";
}

/** @returns {Record<string, string>} by state */
const resumed = () => ({ paused: say("Resume"), stopped: say("Continue") });

/**
 * @param {Batch} batch
 * @returns {string} the label of the button that continues; "" when there is nothing to continue with
 */
export function resumeLabel({ state, waits_for: asked, running }) {
  if (state === "walking" && asked && asked !== "manual" && !running) return say("Ask again");
  return resumed()[state] ?? "";
}
