/** The tab's title says that a gate waits, and in which workflow, because people go elsewhere while a long run works. */

import { elsewhere } from "./workflow_tabs.js";

/** @typedef {import("../../types/datasete.js").Gate} Gate */

const MARK = /^● (?:\d+ gates wait|A gate waits)(?: in “[^”]*”)? · /;

/** @param {{all(): Gate[], subscribe(observer: () => void): void}} gates */
export function announceInTitle(gates) {
  const title = document.querySelector("title") ?? document.head.appendChild(document.createElement("title"));
  const update = () => {
    const wanted = markOf(gates.all()) + document.title.replace(MARK, "");
    if (document.title !== wanted) document.title = wanted;
  };
  gates.subscribe(update);
  // ComfyUI writes the title anew with every step of a run.
  new MutationObserver(update).observe(title, { childList: true, characterData: true, subtree: true });
}

/** @param {Gate[]} waiting @returns {string} with the name of a workflow when all of them wait in that other tab */
function markOf(waiting) {
  if (!waiting.length) return "";
  const [name, ...others] = new Set(waiting.map(elsewhere));
  const place = name && !others.length ? ` in “${name}”` : "";
  return waiting.length > 1 ? `● ${waiting.length} gates wait${place} · ` : `● A gate waits${place} · `;
}
