/** The text for a bug report. It has what the page shows, and so no secret and no place. */

import { app } from "../comfy.js";
import { facts, filled } from "./text.js";

/** @typedef {import("../../types/status.js").Health} Health */
/** @typedef {import("../../types/status.js").Space} Space */
/** @typedef {import("../../types/status.js").Status} Status */

/**
 * @param {Status} status
 * @param {Map<string, Health>} tried what probes found, by space
 * @returns {string} Markdown
 */
export function report(status, tried) {
  const { version, host, python, system, packages, plugins, spaces, gates, batches } = status;
  const named = Object.entries(packages).map(([name, number]) => `${name} ${number}`);
  return [
    `**Datasete ${version}** on ${host}, Python ${python}, ${system}`,
    `Packages: ${named.join(", ")}`,
    `Page: ${page()}`,
    `Open gates: ${gates}, batches under way: ${batches ?? "unknown"}`,
    "",
    "Spaces:",
    ...spaces.map((space) => `- ${line(space, tried.get(space.name))}`),
    "",
    "Plugins:",
    ...plugins.map((plugin) => `- ${plugin.name} (${plugin.origin}): ${filled(plugin)}`),
    "",
  ].join("\n");
}

/** @param {Space} space @param {Health} [health] */
function line({ name, scheme, capabilities = {}, error }, health) {
  const held = Object.keys(capabilities).filter((key) => capabilities[key]);
  const told = error ? error.message : held.join(", ") || "no guarantees";
  const found = health ? ` Tried: ${[health.verdict, facts(health)].filter(Boolean).join(" ")}` : "";
  return `${name} (${scheme}): ${told}${found && (error ? found : `.${found}`)}`;
}

function page() {
  const frontend = /** @type {any} */ (window).__COMFYUI_FRONTEND_VERSION__ ?? "unknown";
  const renderer = app.extensionManager.setting.get("Comfy.VueNodes.Enabled") ? "Vue nodes" : "canvas nodes";
  return `frontend ${frontend}, ${renderer}, ${window.innerWidth}×${window.innerHeight}, ${navigator.userAgent}`;
}

/**
 * Puts a text on the clipboard; also where a page is not served securely, and has no access to it.
 *
 * @param {string} text
 * @returns {Promise<boolean>} whether it is there now
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

/** @param {string} text */
function copySelected(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.style.cssText = "position: fixed; top: 0; opacity: 0";
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}
