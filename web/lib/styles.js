/** Style sheets of our modules. Each is linked once, however many modules ask for it. */

const BASE = new URL("../base.css", import.meta.url).href;

/**
 * Links style sheets, after the one that they all build on.
 *
 * @param {string} base `import.meta.url` of the module that asks
 * @param {...string} paths of the style sheets, relative to that module
 */
export function useStyles(base, ...paths) {
  for (const href of [BASE, ...paths.map((path) => new URL(path, base).href)]) link(href);
}

/** @param {string} href */
function link(href) {
  const known = [...document.querySelectorAll("link[rel=stylesheet]")];
  if (known.some((sheet) => /** @type {HTMLLinkElement} */ (sheet).href === href)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}
