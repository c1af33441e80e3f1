/** The slots as this page knows them. The server is right: whatever happens, its list is asked for again. */

import { fetchBus } from "./client.js";
import { guarded } from "../guard.js";

/** @typedef {import("./client.js").Slot} Slot */

const PAUSE = 250; // a run that publishes many slots is one question, not many

/** @type {Set<() => void>} */
const observers = new Set();
let asked = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;

export const bus = {
  /** @type {Slot[]} in natural order */
  slots: [],
  /** @type {Error | null} why the last question got no answer */
  error: null,
  isKnown: false,
  history: 5,

  /** @param {string} id */
  find: (id) => bus.slots.find((slot) => slot.id === id),

  /**
   * @param {() => void} observer called after every answer, until the returned function is
   * @returns {() => void}
   */
  subscribe(observer) {
    observers.add(observer);
    return () => observers.delete(observer);
  },

  refresh: guarded("bus", refresh),

  /** Takes a slot out of sight before the server's list says so. @param {string} id */
  forget(id) {
    asked++; // an answer under way still has it
    bus.slots = bus.slots.filter((slot) => slot.id !== id);
    tell();
  },

  /** @param {import("../../types/comfy.js").Api} api */
  listen(api) {
    for (const event of ["datasete-slot-published", "datasete-slot-deleted", "reconnected"]) {
      api.addEventListener(event, refreshSoon);
    }
  },
};

const tell = () => observers.forEach((observer) => guarded("bus", observer)());

function refreshSoon() {
  if (soon || !observers.size) return; // asked for anew when the panel is opened
  soon = setTimeout(() => {
    soon = undefined;
    bus.refresh();
  }, PAUSE);
}

async function refresh() {
  const mine = ++asked;
  /** @type {Error | null} */
  let error = null;
  const answer = await fetchBus().catch((reason) => void (error = reason));
  if (mine !== asked) return;
  bus.error = error;
  if (answer) Object.assign(bus, answer, { isKnown: true });
  tell();
}
