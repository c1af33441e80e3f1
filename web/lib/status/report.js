/** The text for a bug report. It has only what the page shows: no secrets, no addresses. */
/* eslint-disable datasete/say-texts -- those who read bug reports read English */

import { app } from "../comfy.js";
import { facts, pluginSummary } from "./text.js";

/** @typedef {import("../../types/status.js").Health} Health */
/** @typedef {import("../../types/status.js").Space} Space */
/** @typedef {import("../../types/status.js").Status} Status */

/**
 * @param {Status} status
 * @param {Map<string, Health>} tests what tests found, by space
 * @returns {string} Markdown
 */
export function report(status, tests) {
  const { version, host, python, system, packages, plugins, spaces, gates, batches } = status;
  const named = Object.entries(packages).map(([name, number]) => `${name} ${number}`);
  return [
    `**Datasete ${version}** on ${host}, Python ${python}, ${system}`,
    `Packages: ${named.join(", ")}`,
    `Page: ${page()}`,
    `Open gates: ${gates}, running batches: ${batches ?? "unknown"}`,
    "",
    "Spaces:",
    ...spaces.map((space) => `- ${line(space, tests.get(space.name))}`),
    "",
    "Plugins:",
    ...plugins.map((plugin) => `- ${plugin.name} (${plugin.origin}): ${pluginSummary(plugin)}`),
    "",
  ].join("\n");
}

/** @param {Space} space @param {Health} [health] */
function line({ name, scheme, capabilities = {}, error }, health) {
  const held = Object.keys(capabilities).filter((key) => capabilities[key]);
  const state = error ? error.message : held.join(", ") || "no guarantees";
  const found = health ? ` Tested: ${[health.verdict, facts(health)].filter(Boolean).join(" ")}` : "";
  return `${name} (${scheme}): ${state}${found && (error ? found : `.${found}`)}`;
}

function page() {
  const frontend = /** @type {any} */ (window).__COMFYUI_FRONTEND_VERSION__ ?? "unknown";
  const renderer = app.extensionManager.setting.get("Comfy.VueNodes.Enabled") ? "Vue nodes" : "canvas nodes";
  return `frontend ${frontend}, ${renderer}, ${window.innerWidth}×${window.innerHeight}, ${navigator.userAgent}`;
}
