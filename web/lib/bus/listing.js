/** What slots there are, asked once for all who show them: the dropdowns of gates, and the Bus panel. */

import { fetchBus } from "./client.js";
import { guarded } from "../guard.js";

/** @typedef {Awaited<ReturnType<typeof fetchBus>>} Listing */
/** @typedef {(listing: Listing | null, error: Error | null) => void} Observer told of every answer; null when there was none */

const EVENTS = ["datasete-slot-published", "datasete-slot-deleted", "reconnected"];
const PAUSE = 250; // milliseconds: a run that publishes many slots is one question, not many

/** @type {Set<Observer>} */
const observers = new Set();
let asked = 0;
let askedAt = 0;
let isListening = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;

export const listing = {
  ask: guarded("bus", ask),

  /** @returns {number} milliseconds since the last question */
  age: () => Date.now() - askedAt,

  /** Takes no answer to what was asked so far. */
  drop: () => void asked++,

  /** @param {Observer} observer */
  subscribe: (observer) => void observers.add(observer),

  /** @param {import("../../types/comfy.js").Api} api */
  listen(api) {
    if (isListening) return;
    isListening = true;
    for (const event of EVENTS) api.addEventListener(event, askSoon);
  },
};

function askSoon() {
  soon ??= setTimeout(listing.ask, PAUSE);
}

async function ask() {
  clearTimeout(soon);
  soon = undefined;
  askedAt = Date.now();
  const mine = ++asked;
  /** @type {Error | null} */
  let error = null;
  const answer = await fetchBus().catch((reason) => void (error = reason));
  if (mine === asked) for (const observer of observers) guarded("bus", observer)(answer ?? null, error);
}
