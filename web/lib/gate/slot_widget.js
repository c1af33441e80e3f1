/** A dropdown for a slot of the bus: it offers the slots that exist, and still takes any other name. */

import { fetchSeen } from "../bus/client.js";
import { bus } from "../bus/store.js";
import { app } from "../comfy.js";
import { chain, guarded } from "../guard.js";
import { say } from "../say.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/comfy.js").Widget} Widget */

const OTHER = "…"; // what choosing another name is for the widget; no slot may be called that
const FRESH_MS = 2000; // for which a list need not be fetched again

/** @type {string[]} the slots' names when the bus was last listed, by anybody */
let seen = [];

/** @type {WeakSet<GraphNode>} */
const offering = new WeakSet();

/** A far store may take seconds: until it has answered, the names that were listed last are better than nothing. */
async function recall() {
  seen = await fetchSeen().catch(() => []); // nothing is lost without it
}

/** @returns {string[]} what was known stays while the server is away: a dropdown need not be empty as well */
const known = () => (bus.isKnown ? bus.slots.map(({ id }) => id) : seen);

/**
 * Refreshes the list when the pointer comes near a node, whose dropdown may be opened next. Slots that other machines
 * publish cause no event here.
 *
 * @param {GraphNode | null | undefined} node
 */
function approach(node) {
  if (node && offering.has(node)) refreshList();
}

function refreshList() {
  if (Date.now() - bus.askedAt > FRESH_MS) void bus.refresh();
}

/** @param {Event} event of the pointer, over a Vue node */
function approachElement({ target }) {
  const id = target instanceof Element && target.closest("[data-node-id]")?.getAttribute("data-node-id");
  if (id) approach(app.canvas.graph?.getNodeById(id));
}

export const slots = {
  /** @param {import("../../types/comfy.js").Api} api */
  listen(api) {
    bus.listen(api);
    document.addEventListener("pointerover", guarded("near", approachElement), { passive: true });
    guarded("slots", recall)();
    void bus.refresh();
  },
};

/** The widget type that `offerSlots` puts into a node definition; the input itself stays a STRING. */
export const SLOT_WIDGET = "DATASETE_SLOT";

/**
 * Makes ComfyUI use the dropdown in place of a text field.
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
    getOptionLabel: labelOf,
    values: () => {
      refreshList();
      return choices(String(widget.value ?? ""));
    },
  });
  takeFreeText(node, widget);
  offering.add(node);
  chain(node, "onMouseEnter", () => approach(node));
  refreshList();
  return { widget };
}

/** @param {string | null} value */
function labelOf(value) {
  return value === OTHER ? say("Other name…") : value || say("none");
}

/**
 * @param {string} value the current choice, which stays in the list even while no such slot exists
 * @returns {string[]}
 */
function choices(value) {
  const names = known();
  return ["", ...(value && !names.includes(value) ? [value] : []), ...names, OTHER];
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
    title: say("Slot on the bus"),
    message: say("Name of the slot to read from. It may be published later."),
    defaultValue: String(combo.value ?? ""),
  });
  if (answer === null || answer === undefined) return;
  combo.value = answer.trim();
  combo.callback?.(combo.value, app.canvas, node);
  node.setDirtyCanvas?.(true, true);
}
