/** What a key means on any keyboard: layouts differ in what a key types, not in where it lies. */

/**
 * The digit of a key of the top row or the number pad. Many layouts type digits of the top row only with Shift, and others
 * in its place without (French, Czech); some scripts have digits of their own. What a key types counts first, then its
 * place. With Shift, a key that types no digit is somebody else's, and so is a number pad that moves the cursor.
 *
 * @param {KeyboardEvent} event
 * @returns {number | undefined} 0..9
 */
export function digitOf(event) {
  if (/^\d$/.test(event.key)) return Number(event.key);
  if (event.shiftKey || event.getModifierState("AltGraph")) return undefined;
  const isTyping = event.key.length === 1 || event.key === "Dead";
  const place = isTyping ? /^(?:Digit|Numpad)(\d)$/.exec(event.code) : null;
  return place ? Number(place[1]) : undefined;
}

/**
 * What a key types, in lower case; on a layout without Latin letters, the Latin letter of its place.
 *
 * @param {KeyboardEvent} event
 * @returns {string}
 */
export function keyOf(event) {
  const place = event.key.length === 1 && event.key > "\u007f" ? /^Key([A-Z])$/.exec(event.code) : null;
  return (place ? place[1] : event.key).toLowerCase();
}
