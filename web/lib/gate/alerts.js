/**
 * How a gate that begins to wait is noticed by someone who is elsewhere: the tab's title always says so; a sound and a
 * desktop notification do for those who turned them on in ComfyUI's settings.
 */

import { app, toast } from "../comfy.js";
import { guarded } from "../guard.js";
import { say, sayCount } from "../say.js";
import { displayOf, titleAt } from "./own_node.js";
import { showWaitingGate } from "./reveal.js";
import { nameOfOtherTab } from "./workflow_tabs.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */
/** @typedef {{all(): Gate[], subscribe(observer: () => void): void}} Gates */

const SOUND = "Datasete.Gate.Sound";
const NOTIFICATION = "Datasete.Gate.Notice";
const ALONE_MS = 2000; // for which no other tab of this browser plays the same sound
const NOTES_HZ = [659.25, 987.77]; // E5, B5
const NOTE_SECONDS = 0.5;
const NOTE_GAP_SECONDS = 0.14;
const LOUDNESS = 0.12;
const RESUME_MS = 500; // a browser plays nothing until somebody has touched the page

/* eslint-disable datasete/say-texts -- ComfyUI translates settings by their ids */
export const alertSettings = [
  {
    id: SOUND,
    category: ["Datasete", "Image Gate", "Sound"],
    name: "Play a sound when a gate is waiting",
    type: "boolean",
    defaultValue: false,
    onChange: guarded("sound setting", (/** @type {boolean} */ on, /** @type {unknown} */ before) => {
      if (on && before === false) return chime(); // so that people know what to listen for
      return undefined;
    }),
  },
  {
    id: NOTIFICATION,
    category: ["Datasete", "Image Gate", "Notice"],
    name: "Show a desktop notification when a gate is waiting",
    tooltip: "Only while this page is in the background. The browser asks for permission once.",
    type: "boolean",
    defaultValue: false,
    onChange: guarded("notification setting", (/** @type {boolean} */ on, /** @type {unknown} */ before) => {
      if (on && before === false) return askPermission(); // and never merely because a page was opened
      return undefined;
    }),
  },
];
/* eslint-enable datasete/say-texts */

/** @param {string} id @returns {boolean} */
const isOn = (id) => app.extensionManager.setting.get(id) === true;

async function askPermission() {
  const answer = "Notification" in window ? await Notification.requestPermission() : "unavailable";
  if (answer === "granted") return;
  await app.extensionManager.setting.set(NOTIFICATION, false);
  const why =
    answer === "denied"
      ? say("The browser does not allow them. The setting is off again.")
      : say("The browser offers them on https and localhost only. The setting is off again.");
  toast("warn", say("No desktop notifications"), why);
}

/**
 * Plays the sound and shows the notification for every gate that opens from now on.
 *
 * @param {Gates} gates
 */
export function announceNewGates(gates) {
  /** @type {Set<string> | undefined} what was announced; unknown until the first list has come */
  let known;
  gates.subscribe(() => {
    const waiting = gates.all();
    const added = waiting.filter((gate) => known && !known.has(occasion(gate)));
    known = new Set(waiting.map(occasion));
    if (added.length) announce(added[0]);
  });
}

/** @param {Gate} gate @returns {string} shared by the items of a list: somebody who answers the first is there for the rest */
const occasion = (gate) => `${gate.prompt_id}/${displayOf(gate)}`;

/** @param {Gate} gate */
function announce(gate) {
  if (isOn(SOUND)) guarded("sound", inOneTab)(`datasete-${occasion(gate)}`, chime);
  if (isOn(NOTIFICATION) && !document.hasFocus()) guarded("notification", notify)(gate);
}

/** @param {string} name @param {() => Promise<void>} act */
async function inOneTab(name, act) {
  if (!navigator.locks) return act();
  return navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    await act();
    await new Promise((done) => setTimeout(done, ALONE_MS));
  });
}

/** @param {Gate} gate */
function notify(gate) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const notification = new Notification("A gate is waiting for you", { body: titleAt(gate), tag: occasion(gate) });
  notification.addEventListener("click", () => {
    window.focus();
    notification.close();
    guarded("show gate", showWaitingGate)(gate.token);
  });
}

/** @type {AudioContext | undefined} */
let audio;

/** Plays two soft notes. They are made on the spot, so nothing has to be fetched or licensed. */
async function chime() {
  audio ??= new AudioContext();
  if (audio.state !== "running") await Promise.race([audio.resume(), new Promise((done) => setTimeout(done, RESUME_MS))]);
  if (audio.state !== "running") return;
  for (const [index, pitch] of NOTES_HZ.entries()) playNote(audio, pitch, audio.currentTime + NOTE_GAP_SECONDS * index);
}

/** @param {AudioContext} context @param {number} pitch in Hz @param {number} start */
function playNote(context, pitch, start) {
  const tone = new OscillatorNode(context, { type: "sine", frequency: pitch });
  const loudness = new GainNode(context, { gain: 0 });
  loudness.gain.setValueAtTime(0, start);
  loudness.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
  loudness.gain.exponentialRampToValueAtTime(0.0001, start + NOTE_SECONDS);
  tone.connect(loudness).connect(context.destination);
  tone.start(start);
  tone.stop(start + NOTE_SECONDS);
}

/**
 * Says in the tab's title that a gate is waiting, because people go elsewhere during a long run.
 *
 * @param {Gates} gates
 */
export function announceInTitle(gates) {
  const title = document.querySelector("title") ?? document.head.appendChild(document.createElement("title"));
  let mark = ""; // that stands in the title now, unless ComfyUI has rewritten it
  const update = () => {
    const own = document.title.startsWith(mark) ? document.title.slice(mark.length) : document.title;
    mark = titleMark(gates.all());
    if (document.title !== mark + own) document.title = mark + own;
  };
  gates.subscribe(update);
  // ComfyUI rewrites the title with every step of a run.
  new MutationObserver(update).observe(title, { childList: true, characterData: true, subtree: true });
}

/** @param {Gate[]} waiting @returns {string} names the workflow when all of them wait in the same other tab */
function titleMark(waiting) {
  if (!waiting.length) return "";
  const [name, ...others] = new Set(waiting.map(nameOfOtherTab));
  const n = waiting.length;
  const mark =
    name && !others.length
      ? sayCount(n, "A gate is waiting in “{name}”", "{n} gates are waiting in “{name}”", { name })
      : sayCount(n, "A gate is waiting", "{n} gates are waiting");
  return `● ${mark} · `;
}
