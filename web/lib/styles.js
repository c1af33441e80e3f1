/** Style sheets of our modules, each linked once however many modules ask for it. */

/**
 * @param {string} base `import.meta.url` of the module that asks
 * @param {string} path of the style sheet, relative to that module
 */
export function useStyles(base, path) {
  const { href } = new URL(path, base);
  const known = [...document.querySelectorAll("link[rel=stylesheet]")];
  if (known.some((link) => /** @type {HTMLLinkElement} */ (link).href === href)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}
