/** The slots as this page knows them. The server is right: whatever happens, its list is asked for again. */

import { listing } from "./listing.js";
import { guarded } from "../guard.js";

/** @typedef {import("./client.js").Slot} Slot */

/** @type {Set<() => void>} */
const observers = new Set();

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

  refresh: () => void listing.ask(),

  /** Takes a slot out of sight before the server's list says so. @param {string} id */
  forget(id) {
    listing.drop(); // an answer under way still has it
    bus.slots = bus.slots.filter((slot) => slot.id !== id);
    tell();
  },

  listen: listing.listen,
};

const tell = () => observers.forEach((observer) => guarded("bus", observer)());

listing.subscribe((answer, error) => {
  bus.error = error;
  if (answer) Object.assign(bus, answer, { isKnown: true });
  tell();
});
