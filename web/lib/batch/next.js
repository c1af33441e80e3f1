/**
 * What a run of a batch's workflow tells the server beside its prompt: which press of Run it came of (one for all of Run
 * ×10), and the ticket, when the server asked this tab to press Run.
 *
 * That is the `browser` trigger: a batch asks the tab that queued its last run for the next one.
 */

import { toast } from "../comfy.js";
import { guarded } from "../guard.js";
import { rootGraph } from "../graph.js";

/** @typedef {{ticket: string, workflow: string}} Request */
/** @typedef {import("../../types/comfy.js").App & {processingQueue?: boolean}} App */

const TICKET = "datasete_ticket";
const PRESS = "datasete_press";

/** @type {Request[]} what the server asked for and no run has carried yet, oldest first */
const waiting = [];
let press = "";
let presses = 0;
let isTelling = false;

/** @param {Request} request whether the workflow that is meant is on the canvas */
const isHere = ({ workflow }) => !workflow || !rootGraph()?.id || workflow === rootGraph().id;

/**
 * @param {import("../../types/comfy.js").Api} api
 * @param {App} app
 */
export function answerNext(api, app) {
  const asked = guarded("next run", (event) => take(app, event.detail));
  api.addEventListener("datasete-batch-next", asked);
  app.registerExtension({
    name: "Datasete.BatchNext",
    afterConfigureGraph: guarded("next run", () => void (waiting.some(isHere) && run(app))),
  });
}

/** @param {App} app @param {Request} request */
function take(app, request) {
  if (!waiting.some(({ ticket }) => ticket === request.ticket)) waiting.push(request);
  if (isHere(request)) return run(app);
  toast("warn", "A batch waits for its workflow", "It goes on when that workflow is open in this tab again.");
  return undefined;
}

/** @param {App} app */
function run(app) {
  // The frontend takes up what is queued meanwhile, and advances seeds, as with any press.
  return app.queuePrompt(0, 1);
}

/**
 * Has prompts tell where they come from. Only a page that has a batch loader ever does this.
 *
 * @param {import("../../types/comfy.js").Api} api
 * @param {App} app
 */
export function tellRuns(api, app) {
  if (isTelling) return;
  isTelling = true;
  api.addEventListener("promptQueueing", () => {
    if (!app.processingQueue) press = `${api.clientId}-${++presses}-${Date.now()}`;
  });
  const fetchApi = api.fetchApi.bind(api);
  api.fetchApi = (path, init) => fetchApi(path, path === "/prompt" && init?.method === "POST" ? telling(init) : init);
}

/** @param {RequestInit} init */
function telling(init) {
  const body = JSON.parse(String(init.body));
  const ticket = ticketFor(body.extra_data?.extra_pnginfo?.workflow?.id);
  const more = { ...(press && { [PRESS]: press }), ...(ticket && { [TICKET]: ticket }) };
  return { ...init, body: JSON.stringify({ ...body, extra_data: { ...body.extra_data, ...more } }) };
}

/** @param {string | undefined} workflow */
function ticketFor(workflow) {
  const at = waiting.findIndex((request) => !request.workflow || !workflow || request.workflow === workflow);
  return at < 0 ? "" : waiting.splice(at, 1)[0].ticket;
}
