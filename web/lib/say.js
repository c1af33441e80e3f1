/**
 * Texts in the language that ComfyUI is set to. The English text is the key, and what is shown where a translation is missing.
 *
 * Say a text when it is shown and not when a module is imported: the translations come a moment later.
 */

/** @type {Record<string, string>} */
let translations = {};

/**
 * @param {string} english may have names in braces, as in `Sent to {route}`
 * @param {Record<string, string | number>} [values] what stands for those names
 * @returns {string}
 */
export function say(english, values = {}) {
  const text = translations[english] ?? english;
  return text.replace(/\{(\w+)\}/g, (name, key) => String(values[key] ?? name));
}

/**
 * @param {number} n
 * @param {string} one for exactly one, as in `{n} gate`
 * @param {string} many for all other numbers, as in `{n} gates`
 * @param {Record<string, string | number>} [values] see `say`
 * @returns {string}
 */
export const sayCount = (n, one, many, values = {}) => say(n === 1 ? one : many, { n: n.toLocaleString(), ...values });

/** The languages that there are translations into: the files in `web/locales`. */
const LANGUAGES = ["de", "ja", "zh"];

/** @param {string} language as ComfyUI names it; for one that there are no translations into, texts stay English */
export async function loadTranslations(language) {
  if (!LANGUAGES.includes(language)) return;
  const answer = await fetch(new URL(`../locales/${language}.json`, import.meta.url));
  if (answer.ok) translations = await answer.json();
}
