/** The bus as a dropdown: a text widget that offers the slots there are, and still takes any other name. */

import { app } from "../comfy.js";
import { fetchSeen } from "../bus/client.js";
import { listing } from "../bus/listing.js";
import { chain, guarded } from "../guard.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/comfy.js").Widget} Widget */

const OTHER = "Other name…";
const NONE = "none";

/** @type {string[]} */
const known = [];
let isAnswered = false;
const FRESH = 2000; // milliseconds for which a list need not be asked for again

/** @type {WeakSet<GraphNode>} */
const offering = new WeakSet();

/** @param {string[]} ids */
function learn(ids) {
  known.splice(0, known.length, ...ids);
}

/** A far store may take seconds: until it has answered, what somebody saw there last is better than nothing. */
async function recall() {
  const ids = await fetchSeen().catch(() => []); // nothing is lost without it
  if (!isAnswered) learn(ids);
}

/**
 * Whoever comes near a node may be about to open its dropdown, and what other machines publish is no event here.
 *
 * @param {GraphNode | null | undefined} node
 */
function approach(node) {
  if (node && offering.has(node)) askAfresh();
}

function askAfresh() {
  if (listing.age() > FRESH) listing.ask();
}

/** @param {Event} event of the pointer, over a Vue node */
function approachElement({ target }) {
  const id = target instanceof Element && target.closest("[data-node-id]")?.getAttribute("data-node-id");
  if (id) approach(app.canvas.graph?.getNodeById(id));
}

export const slots = {
  /** @param {import("../../types/comfy.js").Api} api */
  listen(api) {
    listing.subscribe((found) => {
      if (!found) return; // while the server is away, a dropdown need not be empty as well
      isAnswered = true;
      learn(found.slots.map(({ id }) => id));
    });
    listing.listen(api);
    document.addEventListener("pointerover", guarded("near", approachElement), { passive: true });
    guarded("slots", recall)();
    listing.ask();
  },
};

/** The widget type that `offerSlots` puts into a node definition; the input itself stays a STRING. */
export const SLOT_WIDGET = "DATASETE_SLOT";

/**
 * Asks for the dropdown in place of a text field.
 *
 * @param {{input?: {optional?: Record<string, any>}}} definition a node as the server describes it
 * @param {string} name of its input
 */
export function offerSlots(definition, name) {
  const optional = definition.input?.optional ?? {};
  const [type, options] = optional[name] ?? [];
  if (type) optional[name] = [type, { ...options, widgetType: SLOT_WIDGET }];
}

/**
 * Makes the dropdown.
 *
 * @param {GraphNode} node
 * @param {string} name
 * @param {[string, {default?: string}]} spec
 * @returns {{widget: Widget}}
 */
export function slotWidget(node, name, spec) {
  const widget = node.addWidget("combo", name, spec[1]?.default ?? "", () => {}, {
    getOptionLabel: (/** @type {string | null} */ value) => value || NONE,
    values: () => {
      askAfresh();
      return choices(String(widget.value ?? ""));
    },
  });
  takeFreeText(node, widget);
  offering.add(node);
  chain(node, "onMouseEnter", () => approach(node));
  askAfresh();
  return { widget };
}

/**
 * @param {string} value what is chosen now; it stays in the list even when there is no such slot (yet)
 * @returns {string[]}
 */
function choices(value) {
  const names = value && !known.includes(value) ? [value, ...known] : known;
  return ["", ...names, OTHER];
}

/**
 * @param {GraphNode} node
 * @param {Widget} combo
 */
function takeFreeText(node, combo) {
  let last = String(combo.value ?? "");
  const before = combo.callback;
  combo.callback = function callback(/** @type {any[]} */ ...args) {
    if (combo.value !== OTHER) {
      last = String(combo.value ?? "");
      return before?.apply(this, args);
    }
    combo.value = last;
    guarded("slot name", () => askForName(node, combo))();
    return undefined;
  };
}

/**
 * @param {GraphNode} node
 * @param {Widget} combo
 */
async function askForName(node, combo) {
  const answer = await app.extensionManager.dialog.prompt({
    title: "Slot on the bus",
    message: "Name of the slot to read from. It may be one that is published later.",
    defaultValue: String(combo.value ?? ""),
  });
  if (answer === null || answer === undefined) return;
  combo.value = answer.trim();
  combo.callback?.(combo.value, app.canvas, node);
  node.setDirtyCanvas?.(true, true);
}
