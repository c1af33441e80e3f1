/**
 * Queues the runs that a batch asks this tab for (the `browser` trigger: a batch asks the tab that queued its last run), and
 * marks every prompt with what the server needs to know: which press of Run it belongs to, one for all runs of Run ×10, the
 * ticket of the run that was asked for, and what this page alone can choose in it.
 */

import { asksForThisTab, lookThrough } from "./page_values.js";
import { toast } from "../comfy.js";
import { guarded } from "../guard.js";
import { rootGraph } from "../graph.js";
import { say } from "../say.js";

/** @typedef {{ticket: string, workflow: string}} Request */
/** @typedef {import("../../types/comfy.js").App & {processingQueue?: boolean}} App */

const TICKET = "datasete_ticket";
const PRESS = "datasete_press";
const DYNAMIC = "datasete_dynamic";
const QUEUED_BY = "datasete_queued_by";

/** @type {Request[]} asked for, and not yet carried by a prompt, oldest first */
const waiting = [];
let press = "";
let presses = 0;
let isMarking = false;

/** @param {Request} request @returns {boolean} whether its workflow is on the canvas */
const isHere = ({ workflow }) => !workflow || !rootGraph()?.id || workflow === rootGraph().id;

/**
 * @param {import("../../types/comfy.js").Api} api
 * @param {App} app
 */
export function answerRequests(api, app) {
  api.addEventListener("datasete-batch-next", guarded("next run", (event) => take(app, event.detail)));
  app.registerExtension({
    name: "Datasete.BatchNext",
    afterConfigureGraph: guarded("next run", () => void (waiting.some(isHere) && run(app))),
  });
}

/** @param {App} app @param {Request} request */
function take(app, request) {
  if (!waiting.some(({ ticket }) => ticket === request.ticket)) waiting.push(request);
  if (isHere(request)) return run(app);
  toast("warn", say("A batch is waiting for its workflow"), say("It continues when that workflow is open in this tab again."));
  return undefined;
}

/** @param {App} app */
function run(app) {
  // As a press of Run: the frontend advances seeds, and takes its turn among other presses.
  return app.queuePrompt(0, 1);
}

/**
 * Marks prompts from now on. Only called on a page that has a batch loader, so that other pages are left alone.
 *
 * @param {import("../../types/comfy.js").Api} api
 * @param {App} app
 */
export function markPrompts(api, app) {
  if (isMarking) return;
  isMarking = true;
  api.addEventListener("promptQueueing", () => {
    if (!app.processingQueue) press = `${api.clientId}-${++presses}-${Date.now()}`;
  });
  const fetchApi = api.fetchApi.bind(api);
  api.fetchApi = (path, init) => fetchApi(path, path === "/prompt" && init?.method === "POST" ? marked(init) : init);
}

/** @param {RequestInit} init */
function marked(init) {
  const body = JSON.parse(String(init.body));
  const workflow = body.extra_data?.extra_pnginfo?.workflow?.id;
  const ticket = ticketFor(workflow);
  const more = { ...(press && { [PRESS]: press }), ...(ticket && { [TICKET]: ticket }), ...chosen(body.prompt ?? {}, workflow) };
  return { ...init, body: JSON.stringify({ ...body, extra_data: { ...body.extra_data, ...more } }) };
}

/** @param {import("./page_values.js").Prompt} prompt @param {string} [workflow] */
function chosen(prompt, workflow = "") {
  const typed = lookThrough(prompt, workflow);
  return { ...(Object.keys(typed).length && { [DYNAMIC]: typed }), ...(asksForThisTab(prompt) && { [QUEUED_BY]: "browser" }) };
}

/** @param {string | undefined} workflow */
function ticketFor(workflow) {
  const at = waiting.findIndex((request) => !request.workflow || !workflow || request.workflow === workflow);
  return at < 0 ? "" : waiting.splice(at, 1)[0].ticket;
}
