/** The profiles as this page knows them. */

import { ServerError } from "../client.js";
import { guarded } from "../guard.js";
import { Store } from "../store.js";
import { folded } from "../text.js";
import { server } from "./client.js";

/** @typedef {import("./client.js").Profile} Profile */
/** @typedef {import("./client.js").Format} Format */

const UNREADABLE = 422; // how the server answers when it cannot read its list
const LONGEST_BASE = 56; // characters, so that a number still fits behind the name

/** @extends {Store<{profiles: Profile[], formats: Format[]}>} */
class ProfileStore extends Store {
  constructor() {
    super("profiles", { profiles: [], formats: [] }, { ask: server.list });
    /** @type {Map<string, number | undefined>} pictures by id; undefined while they are being counted */
    this.counts = new Map();
  }

  /** Oldest first. */
  get all() {
    return this.value.profiles;
  }

  /** What can be exported and imported. */
  get formats() {
    return this.value.formats;
  }

  /** Whether the list cannot be read and can be rebuilt. */
  get isCorrupt() {
    return this.error?.status === UNREADABLE;
  }

  /** @param {string} id @returns {Profile | undefined} */
  find(id) {
    return this.all.find((profile) => profile.id === id);
  }

  /** @param {string} name @returns {Profile | undefined} the one with this name, in upper or lower case */
  named(name) {
    return this.all.find((profile) => folded(profile.name) === folded(name));
  }

  /** @param {string} name @returns {string} the name, or the next free one with a number */
  freeName(name) {
    const base = name.replace(/ \(\d+\)$/, "").slice(0, LONGEST_BASE);
    let number = 2;
    while (this.named(`${base} (${number})`)) number++;
    return this.named(name) ? `${base} (${number})` : name;
  }

  /** @param {string} id of a profile, or of any pool @returns {number | undefined} how many pictures it has, once that is known */
  count(id) {
    if (!this.counts.has(id)) guarded("count", () => this.recount(id))();
    return this.counts.get(id);
  }

  /** @param {string} id */
  async recount(id) {
    this.counts.set(id, this.counts.get(id));
    try {
      this.counts.set(id, await server.count(id));
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.counts.delete(id); // the next change asks again
      return;
    }
    this.notify();
  }

  /** @param {import("../../types/comfy.js").Api} api */
  listen(api) {
    const refresh = () => void this.refresh();
    api.addEventListener("datasete-profiles-changed", refresh);
    api.addEventListener("reconnected", refresh);
    api.addEventListener("datasete-pool-changed", ({ detail: { pool } }) => {
      if (this.counts.has(pool)) guarded("count", () => this.recount(pool))();
    });
    document.addEventListener("visibilitychange", () => document.hidden || refresh());
    refresh();
  }
}

export const profiles = new ProfileStore();
