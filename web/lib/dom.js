/**
 * Makes an element. Text only ever becomes text, so nothing that a server sends can become markup.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [properties] element properties; `class`, `aria-*`, `data-*` and `role` as attributes,
 *   functions as listeners of the event that their key names
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) set(element, key, value);
  element.append(...children);
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {string} key
 * @param {any} value
 */
function set(element, key, value) {
  if (typeof value === "function") element.addEventListener(key, value);
  else if (key === "class" || key === "role" || key.includes("-")) element.setAttribute(key, value);
  else Object.assign(element, { [key]: value });
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
