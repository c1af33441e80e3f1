/** When a key means something to a gate: people have other uses for the digits, and so have other packs. */

import { app } from "../comfy.js";

const SETTING = "Datasete.Gate.Keys";

/** @typedef {"always" | "selected" | "off"} When */

/** @returns {When} */
export function keysAct() {
  const value = app.extensionManager.setting.get(SETTING);
  return value === "selected" || value === "off" ? value : "always";
}

/* eslint-disable datasete/say-texts -- ComfyUI translates settings by their ids */
/** @param {() => void} changed @returns {Record<string, unknown>} */
export const keySetting = (changed) => ({
  id: SETTING,
  category: ["Datasete", "Image Gate", "Keys"],
  name: "Answer gates with keys",
  tooltip:
    "1 to 9 and 0 choose a route, Esc stops the run; never for a gate that is not in sight. " +
    "With the gate selected: only while its node is selected or has the focus, or its picture is open in full size.",
  type: "combo",
  defaultValue: "always",
  options: [
    { text: "Always", value: "always" },
    { text: "Only with the gate selected", value: "selected" },
    { text: "Off", value: "off" },
  ],
  onChange: changed,
});
/* eslint-enable datasete/say-texts */
