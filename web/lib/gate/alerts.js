/** A sound, or a notice on the desktop, when a gate begins to wait: for those who turned it on in ComfyUI's settings. */

import { app, nodeOf, toast } from "../comfy.js";
import { chime } from "./chime.js";
import { isHere } from "./workflow_tabs.js";
import { showWaitingGate } from "./reveal.js";
import { guarded } from "../guard.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

const SOUND = "Datasete.Gate.Sound";
const NOTICE = "Datasete.Gate.Notice";
const ALONE = 2000; // milliseconds in which no other tab of this browser plays the same sound

export const alertSettings = [
  {
    id: SOUND,
    category: ["Datasete", "Image Gate", "Sound"],
    name: "Play a sound when a gate waits",
    type: "boolean",
    defaultValue: false,
    onChange: guarded("sound setting", (/** @type {boolean} */ on, /** @type {unknown} */ before) => {
      if (on && before === false) return chime(); // so that one knows what to listen for
      return undefined;
    }),
  },
  {
    id: NOTICE,
    category: ["Datasete", "Image Gate", "Notice"],
    name: "Show a desktop notice when a gate waits",
    tooltip: "Only while this page is not in front. The browser asks for permission once.",
    type: "boolean",
    defaultValue: false,
    onChange: guarded("notice setting", (/** @type {boolean} */ on, /** @type {unknown} */ before) => {
      if (on && before === false) return askPermission(); // and never when a page is merely opened
      return undefined;
    }),
  },
];

/** @param {string} id @returns {boolean} */
const isOn = (id) => app.extensionManager.setting.get(id) === true;

async function askPermission() {
  const answer = "Notification" in window ? await Notification.requestPermission() : "unavailable";
  if (answer === "granted") return;
  await app.extensionManager.setting.set(NOTICE, false);
  const why = answer === "denied" ? "The browser does not permit it." : "The browser offers it to https and localhost only.";
  toast("warn", "No desktop notices", `${why} The setting is off again.`);
}

/** @param {{all(): Gate[], subscribe(observer: () => void): void}} gates */
export function announceAloud(gates) {
  /** @type {Set<string> | undefined} what was announced; unknown until the first list has come */
  let known;
  gates.subscribe(() => {
    const waiting = gates.all();
    const fresh = waiting.filter((gate) => known && !known.has(occasion(gate)));
    known = new Set(waiting.map(occasion));
    if (fresh.length) announce(fresh[0]);
  });
}

/** @param {Gate} gate @returns {string} the items of a list are one occasion: whoever answers the first is there */
const occasion = ({ prompt_id: run, id }) => `${run}/${id}`;

/** @param {Gate} gate */
function announce(gate) {
  if (isOn(SOUND)) guarded("sound", inOneTab)(`datasete-${occasion(gate)}`, chime);
  if (isOn(NOTICE) && !document.hasFocus()) guarded("notice", notify)(gate);
}

/** @param {string} name @param {() => Promise<void>} act */
async function inOneTab(name, act) {
  if (!navigator.locks) return act();
  return navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    await act();
    await new Promise((done) => setTimeout(done, ALONE));
  });
}

/** @param {Gate} gate */
function notify(gate) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const name = isHere(gate) ? nodeOf(gate.id)?.title : undefined;
  const notice = new Notification("A gate waits for you", { body: name ?? "Image Gate", tag: occasion(gate) });
  notice.addEventListener("click", () => {
    window.focus();
    notice.close();
    guarded("show gate", showWaitingGate)(gate.token);
  });
}
