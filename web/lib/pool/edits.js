/**
 * The edits of a pool: what to send to the server, what the grid shows meanwhile, and how to undo it. Edits name pictures and
 * never use their index, so an edit means the same after somebody else's.
 */

import { say, sayCount } from "../say.js";
import { sendPoolMask } from "./client.js";

/**
 * @typedef {import("./client.js").Slot} Slot
 * @typedef {{slots: (Slot | undefined)[], active: string}} Content the pictures in order (undefined: not loaded yet), and
 *   the name of the active one
 * @typedef {object} Edit
 * @property {string} path of the request
 * @property {Record<string, unknown>} body
 * @property {(pool: string, rest: {operation: string, since: string}) => Promise<any>} [send] for a request without a JSON body
 * @property {(content: Content) => Content} apply
 * @property {string} what was done, for the undo bar; "" when it cannot be undone
 * @property {(before: Content, operation: string) => Edit[]} undo the edits that undo it
 */

const NOTHING = () => [];

/** @param {string} image @returns {Edit} */
export function activate(image) {
  const apply = (/** @type {Content} */ content) => ({ ...content, active: image });
  return { path: "active", body: { image }, apply, what: "", undo: NOTHING };
}

/** @param {string} image @param {string} text @returns {Edit} */
export function label(image, text) {
  const labelled = (/** @type {Slot | undefined} */ slot) => (slot?.image === image ? { ...slot, label: text } : slot);
  return {
    path: "label",
    body: { image, label: text },
    apply: (content) => ({ ...content, slots: content.slots.map(labelled) }),
    what: say("Label changed"),
    undo: ({ slots }) => slots.flatMap((slot) => (slot?.image === image ? [labelAs(slot)] : [])),
  };
}

/** @param {Slot} slot */
const labelAs = (slot) => label(slot.image, slot.label);

/** @param {string[]} images @returns {Edit} */
export function remove(images) {
  const gone = new Set(images);
  return {
    path: "remove_many",
    body: { images },
    apply: (content) => without(content, gone),
    what: sayCount(images.length, "Picture removed", "{n} pictures removed"),
    undo: (_, removal) => [restore(removal)],
  };
}

/**
 * @param {Content} content
 * @param {Set<string>} gone
 * @returns {Content}
 */
function without({ slots, active }, gone) {
  const kept = slots.filter((slot) => !slot || !gone.has(slot.image));
  if (!gone.has(active)) return { slots: kept, active };
  const index = slots.findIndex((slot) => slot?.image === active);
  const before = slots.slice(0, index).filter((slot) => slot && gone.has(slot.image)).length;
  return { slots: kept, active: kept[Math.min(index - before, kept.length - 1)]?.image ?? "" };
}

/** @param {string} removal the operation id of the removal to undo @returns {Edit} */
function restore(removal) {
  return { path: "undo", body: { removal }, apply: (content) => content, what: "", undo: NOTHING };
}

/**
 * @param {string[]} images in their new order
 * @param {string | null} before the picture in front of which they go; null to move them to the end
 * @returns {Edit}
 */
export function move(images, before) {
  return {
    path: "reorder",
    body: { images, before },
    apply: (content) => ({ ...content, slots: moved(content.slots, images, before) }),
    what: sayCount(images.length, "Picture moved", "{n} pictures moved"),
    undo: ({ slots }) => movesBack(slots, new Set(images)),
  };
}

/**
 * @param {(Slot | undefined)[]} slots
 * @param {string[]} images
 * @param {string | null} before
 */
function moved(slots, images, before) {
  const byName = new Map(slots.map((slot) => [slot?.image, slot]));
  const moving = images.map((image) => byName.get(image)).filter((slot) => slot !== undefined);
  const chosen = new Set(images);
  const index = before === null ? slots.length : slots.findIndex((slot) => slot?.image === before);
  if (index < 0 || moving.length < images.length) return slots;
  const isLeft = (/** @type {Slot | undefined} */ slot) => !slot || !chosen.has(slot.image);
  return [...slots.slice(0, index).filter(isLeft), ...moving, ...slots.slice(index).filter(isLeft)];
}

/**
 * @param {(Slot | undefined)[]} slots before the move
 * @param {Set<string>} images the pictures that were moved
 * @returns {Edit[]} from the last to the first, because each goes in front of the one that followed it
 */
function movesBack(slots, images) {
  /** @type {Edit[]} */
  const edits = [];
  for (let end = slots.length - 1; end >= 0; end--) {
    if (!images.has(slots[end]?.image ?? "")) continue;
    let start = end;
    while (start > 0 && images.has(slots[start - 1]?.image ?? "")) start--;
    const names = slots.slice(start, end + 1).map((slot) => /** @type {Slot} */ (slot).image);
    edits.push(move(names, slots[end + 1]?.image ?? null));
    end = start;
  }
  return edits;
}

/**
 * @param {string} image
 * @param {Blob | null} painted a PNG, white where painted; null for no mask
 * @param {Blob | null} before the mask that it had
 * @returns {Edit}
 */
export function setMask(image, painted, before) {
  const masked = (/** @type {Slot | undefined} */ slot) =>
    slot?.image === image ? { ...slot, mask: painted && (slot.mask ?? "new") } : slot;
  return {
    path: "set_mask",
    body: {},
    send: (pool, rest) => sendPoolMask(pool, image, painted, rest),
    apply: (content) => ({ ...content, slots: content.slots.map(masked) }),
    what: painted ? say("Mask painted") : say("Mask cleared"),
    undo: () => [setMask(image, before, painted)],
  };
}
