/**
 * The one place that imports ComfyUI's own modules.
 *
 * The specifiers are relative because ComfyUI may be served below a path of its own.
 */

// @ts-expect-error -- served by ComfyUI
import { api as comfyApi } from "../../../scripts/api.js";
// @ts-expect-error -- served by ComfyUI
import { app as comfyApp, ComfyApp as ComfyAppClass } from "../../../scripts/app.js";

/** @typedef {import("../types/comfy.js").GraphNode} GraphNode */

/** @type {import("../types/comfy.js").App} */
export const app = comfyApp;

/** @type {import("../types/comfy.js").Api} */
export const api = comfyApi;

/** @type {import("../types/comfy.js").AppClass} */
export const ComfyApp = ComfyAppClass;

/**
 * Shows a message in ComfyUI's own way.
 *
 * @param {"info" | "success" | "warn" | "error"} severity
 * @param {string} summary
 * @param {string} [detail]
 */
export function toast(severity, summary, detail) {
  app.extensionManager.toast.add({ severity, summary, detail, life: severity === "error" ? 12000 : 5000 });
}

/** @param {GraphNode} node */
export function redraw(node) {
  node.setDirtyCanvas?.(true, true);
}
