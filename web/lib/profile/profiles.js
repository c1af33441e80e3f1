/** The profiles as this page knows them. The server is right, always: after every change its list is asked for again. */

import { ServerError } from "../client.js";
import { guarded } from "../guard.js";
import { server } from "./client.js";

/** @typedef {import("./client.js").Profile} Profile */
/** @typedef {import("./client.js").Format} Format */

/** @type {{profiles: Profile[], formats: Format[], isKnown: boolean, error: ServerError | null}} */
const known = { profiles: [], formats: [], isKnown: false, error: null };
/** @type {Map<string, number | undefined>} pictures by id; undefined while they are being counted */
const counts = new Map();
/** @type {Set<() => void>} */
const observers = new Set();
let asked = 0;

const tell = () => observers.forEach((observer) => guarded("profiles", observer)());

async function refresh() {
  const mine = ++asked;
  try {
    const { profiles: list, formats } = await server.list();
    if (mine !== asked) return;
    Object.assign(known, { profiles: list, formats, isKnown: true, error: null });
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    if (mine !== asked) return;
    known.error = error;
  }
  tell();
}

/** @param {string} id */
async function recount(id) {
  counts.set(id, counts.get(id));
  try {
    counts.set(id, await server.count(id));
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    counts.delete(id); // it is asked for again with the next change
    return;
  }
  tell();
}

/** @param {string} pool */
function poolChanged(pool) {
  if (counts.has(pool)) guarded("count", recount)(pool);
}

export const profiles = {
  /** Whether the list was ever read; what was known stays known while the server is away. */
  get isKnown() {
    return known.isKnown;
  },

  /** Why the list could not be read the last time, or null. */
  get error() {
    return known.error;
  },

  /** Whether the list cannot be read and can be rebuilt. */
  get isCorrupt() {
    return known.error?.status === 422;
  },

  /** @returns {Profile[]} oldest first */
  all: () => [...known.profiles],

  /** @returns {Format[]} */
  formats: () => [...known.formats],

  /** @param {string} id @returns {Profile | undefined} */
  find: (id) => known.profiles.find((profile) => profile.id === id),

  /** @param {string} name @returns {Profile | undefined} the one with this name in any case */
  named: (name) => known.profiles.find((profile) => sameName(profile.name) === sameName(name)),

  /** @param {string} id @returns {number | undefined} how many pictures it has, once that is known */
  count(id) {
    if (!counts.has(id)) guarded("count", recount)(id);
    return counts.get(id);
  },

  /** @param {string} name @returns {string} the name, or the next free one with a number */
  freeName(name) {
    const base = name.replace(/ \(\d+\)$/, "").slice(0, 56);
    let number = 2;
    while (profiles.named(`${base} (${number})`)) number++;
    return profiles.named(name) ? `${base} (${number})` : name;
  },

  refresh: guarded("profiles", refresh),

  /** @param {() => void} observer called after every change */
  subscribe: (observer) => void observers.add(observer),

  /** @param {import("../../types/comfy.js").Api} api */
  listen(api) {
    api.addEventListener("datasete-profiles-changed", () => profiles.refresh());
    api.addEventListener("datasete-pool-changed", ({ detail }) => poolChanged(detail.pool));
    api.addEventListener("reconnected", () => profiles.refresh());
    document.addEventListener("visibilitychange", () => document.hidden || profiles.refresh());
    profiles.refresh();
  },
};

/** @param {string} name */
const sameName = (name) => name.normalize("NFC").toLowerCase();
