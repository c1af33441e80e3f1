/** The slots as this page knows them, asked for once for all who show them: the Bus panel, and the dropdowns of gates. */

import { fetchBus } from "./client.js";
import { Store } from "../store.js";

/** @typedef {import("./client.js").Slot} Slot */
/** @typedef {import("./client.js").Listing} Listing */

const EVENTS = ["datasete-slot-published", "datasete-slot-deleted", "reconnected"];

/** @extends {Store<Listing>} */
class BusStore extends Store {
  constructor() {
    super("bus", { slots: [], history: 5 }, { ask: fetchBus });
    this.isListening = false;
  }

  /** In natural order. */
  get slots() {
    return this.value.slots;
  }

  /** How many versions a slot keeps. */
  get history() {
    return this.value.history;
  }

  /** @param {string} id */
  find(id) {
    return this.slots.find((slot) => slot.id === id);
  }

  /** Hides a slot that was deleted here, before the server's list says so. @param {string} id */
  forget(id) {
    this.set({ ...this.value, slots: this.slots.filter((slot) => slot.id !== id) });
  }

  /** @param {import("../../types/comfy.js").Api} api */
  listen(api) {
    if (this.isListening) return; // gates and the panel both need it, whichever comes first
    this.isListening = true;
    for (const event of EVENTS) api.addEventListener(event, () => this.refreshSoon());
  }
}

export const bus = new BusStore();
