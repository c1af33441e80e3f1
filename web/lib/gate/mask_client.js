/** Where a gate's masks are fetched from and sent to. */

import { STILL_OPEN, ask } from "../client.js";
import { api } from "../comfy.js";

/**
 * @param {{token: string}} gate
 * @param {number} frame from 0
 * @returns {string} the address of the mask that would leave the gate with this frame now: white = painted
 */
export function maskUrl(gate, frame) {
  return api.apiURL(`/datasete_gate/mask/${gate.token}/${frame}`);
}

/**
 * @param {{id: string, token: string}} gate
 * @param {Blob} mask a PNG, white where painted
 * @param {number} [frame] the one that it is for, from 0; without, it is for all
 */
export function sendMask(gate, mask, frame) {
  const body = new FormData();
  body.append("id", gate.id);
  body.append("token", gate.token);
  if (frame !== undefined) body.append("frame", String(frame));
  body.append("mask", mask, "mask.png");
  return ask("/datasete_gate/mask", { method: "POST", body }, STILL_OPEN);
}
