/**
 * Catches our own faults: they are logged under our name, and neither the canvas nor another extension stops.
 *
 * @template {any[]} A
 * @template R
 * @param {string} what names the callback in the log
 * @param {(...args: A) => R} callback
 * @returns {(...args: A) => R | undefined}
 */
export function guarded(what, callback) {
  return (...args) => {
    try {
      const result = callback(...args);
      if (result instanceof Promise) result.catch((error) => report(what, error));
      return result;
    } catch (error) {
      report(what, error);
      return undefined;
    }
  };
}

/**
 * @param {string} what
 * @param {unknown} error
 */
export function report(what, error) {
  console.error(`[Datasete] ${what}:`, error);
}

/**
 * Does something more whenever a callback is called, which ComfyUI or another extension may have set already.
 *
 * @param {any} owner
 * @param {string} name of the callback
 * @param {(...args: any[]) => void} after called with the same arguments, guarded
 */
export function chain(owner, name, after) {
  const before = owner[name];
  owner[name] = function chained(/** @type {any[]} */ ...args) {
    const result = before?.apply(this, args);
    guarded(name, after)(...args);
    return result;
  };
}
