/**
 * The `browser` trigger: the server asks the tab that queued a batch's last run to press Run once more. The run carries
 * the ticket that was given, so that it can be told from somebody's own press.
 */

import { rootGraph, toast } from "./comfy.js";
import { guarded } from "./guard.js";

/** @typedef {{ticket: string, workflow: string}} Request */

const TICKET = "datasete_ticket";

/** @type {Request[]} what the server asked for and no run has carried yet, oldest first */
const waiting = [];
let isWrapped = false;

/** @param {Request} request whether the workflow that is meant is on the canvas */
const isHere = ({ workflow }) => !workflow || !rootGraph()?.id || workflow === rootGraph().id;

/**
 * @param {import("../types/comfy.js").Api} api
 * @param {import("../types/comfy.js").App} app
 */
export function answerNext(api, app) {
  api.addEventListener(
    "datasete-batch-next",
    guarded("next run", (event) => {
      carryTickets(api);
      const known = waiting.some(({ ticket }) => ticket === event.detail.ticket);
      if (!known) waiting.push(event.detail);
      if (isHere(event.detail)) return press(app);
      toast("warn", "A batch waits for its workflow", "It goes on when that workflow is open in this tab again.");
      return undefined;
    }),
  );
  app.registerExtension({
    name: "Datasete.BatchNext",
    afterConfigureGraph: guarded("next run", () => void (waiting.some(isHere) && press(app))),
  });
}

/** @param {import("../types/comfy.js").App} app */
function press(app) {
  // The frontend takes up what is queued meanwhile, and advances seeds, as with any press.
  return app.queuePrompt(0, 1);
}

/**
 * Has the next prompts of a batch's workflow carry its tickets. Only a tab that was asked for a run ever does this.
 *
 * @param {import("../types/comfy.js").Api} api
 */
function carryTickets(api) {
  if (isWrapped) return;
  isWrapped = true;
  const fetchApi = api.fetchApi.bind(api);
  api.fetchApi = (path, init) => fetchApi(path, path === "/prompt" && init?.method === "POST" ? carrying(init) : init);
}

/** @param {RequestInit} init */
function carrying(init) {
  const body = JSON.parse(String(init.body));
  const workflow = body.extra_data?.extra_pnginfo?.workflow?.id;
  const at = waiting.findIndex((request) => !request.workflow || !workflow || request.workflow === workflow);
  if (at < 0) return init;
  const [{ ticket }] = waiting.splice(at, 1);
  return { ...init, body: JSON.stringify({ ...body, extra_data: { ...body.extra_data, [TICKET]: ticket } }) };
}
