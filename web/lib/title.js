/** The tab's title says that a gate waits, because people go elsewhere while a long run works. */

const MARK = /^● (?:\d+ gates wait|A gate waits) · /;

/** @param {{all(): unknown[], subscribe(observer: () => void): void}} gates */
export function announceInTitle(gates) {
  const title = document.querySelector("title") ?? document.head.appendChild(document.createElement("title"));
  const update = () => {
    const count = gates.all().length;
    const mark = count > 1 ? `● ${count} gates wait · ` : count ? "● A gate waits · " : "";
    const wanted = mark + document.title.replace(MARK, "");
    if (document.title !== wanted) document.title = wanted;
  };
  gates.subscribe(update);
  // ComfyUI writes the title anew with every step of a run.
  new MutationObserver(update).observe(title, { childList: true, characterData: true, subtree: true });
}
