/** The profiles as a dropdown of names, always up to date; the input itself stays a text. */

import { guarded } from "../guard.js";
import { choose } from "./sync.js";
import { chosen } from "./node.js";
import { profiles } from "./store.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/comfy.js").Widget} Widget */

/** The widget type that `offerProfiles` puts into a node definition. */
export const PROFILE_WIDGET = "DATASETE_PROFILE";
const NONE = "none";

/** @param {{input?: {required?: Record<string, any>}}} definition a node as the server describes it */
export function offerProfiles(definition) {
  const required = definition.input?.required ?? {};
  const [type, options] = required.profile ?? [];
  if (type) required.profile = [type, { ...options, widgetType: PROFILE_WIDGET }];
}

/**
 * Makes the dropdown.
 *
 * @param {GraphNode} node
 * @param {string} name
 * @returns {{widget: Widget}}
 */
export function profileWidget(node, name) {
  const chose = /** @type {() => void} */ (guarded("choose", (/** @type {unknown} */ value) => take(node, value)));
  const widget = node.addWidget("combo", name, "", chose, {
    getOptionLabel: (/** @type {string | null} */ value) => value || NONE,
    values: () => {
      profiles.refresh();
      return choices(chosen(node).name);
    },
  });
  return { widget };
}

/** @param {GraphNode} node @param {unknown} value */
function take(node, value) {
  const name = String(value ?? "");
  const profile = labelled().get(name);
  if (profile) choose(node, { id: profile.id, name });
  else if (!name) choose(node, { id: "", name: "" });
}

/** @param {string} name what is chosen now; it stays in the list even when this machine has no such profile */
function choices(name) {
  const names = [...labelled().keys()].sort((one, other) => one.localeCompare(other, undefined, { numeric: true }));
  return ["", ...(name && !names.includes(name) ? [name] : []), ...names];
}

/** @returns {Map<string, import("./client.js").Profile>} by a unique label; other programs may give two profiles one name */
function labelled() {
  const labels = new Map();
  for (const profile of profiles.all) {
    const isTaken = labels.has(profile.name);
    labels.set(isTaken ? `${profile.name} · ${profile.id.slice(0, 8)}` : profile.name, profile);
  }
  return labels;
}
