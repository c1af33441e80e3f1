/** Names of slots, checked while they are typed by the server's rules (datasete/ids.py); the server has the last word. */

import { chain, guarded } from "../guard.js";
import { isWired, widgetOf } from "../graph.js";
import { say } from "../say.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("../../types/datasete.js").Verdict} Verdict */

const WIDGETS = ["send_id", "get_id"];
const LONGEST = 64;
const ALLOWED = /[\p{L}\p{M}\p{Nd} ._()-]/u;
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])$/i;

/**
 * @param {string} name
 * @returns {string} why it cannot be used; "" when it can
 */
export function objectionTo(name) {
  const letters = [...name.normalize("NFC")];
  if (letters.length > LONGEST) return say("it has {n} characters, and at most {most} are allowed", { n: letters.length, most: LONGEST });
  const bad = letters.find((letter) => !ALLOWED.test(letter));
  if (bad) return say("the character “{bad}” is not allowed (letters, digits, space and . _ - ( ) are)", { bad });
  if (/^[. ]|[. ]$/.test(name)) return say("it begins or ends with a dot or a space");
  return DEVICE.test(name.split(".", 1)[0].trimEnd()) ? say("Windows keeps that name for a device") : "";
}

/**
 * @param {GraphNode} node
 * @returns {Verdict | undefined} what the node says about a name that cannot be used
 */
export function nameTrouble(node) {
  for (const widget of WIDGETS) {
    const name = isWired(node, widget) ? "" : String(widgetOf(node, widget)?.value ?? "");
    const objection = objectionTo(name);
    const message = say("The slot name “{name}” cannot be used: {objection}.", { name, objection });
    if (objection) return { reason: "name", status: say("Change {widget}", { widget }), message, hint: say("Nothing was changed.") };
  }
  return undefined;
}

/** @param {GraphNode} node @param {() => void} onChange called when a name was typed or chosen */
export function followNames(node, onChange) {
  for (const name of WIDGETS) {
    const widget = widgetOf(node, name);
    if (widget) chain(widget, "callback", guarded("name", onChange));
  }
}
