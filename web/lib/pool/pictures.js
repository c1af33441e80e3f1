/**
 * Which of some files are pictures, and what belongs to them: `name.txt` beside `name.png` is its label, and
 * `masks/name.png` or `name-masklabel.png` its mask, as training sets have them and as an export of ours writes them.
 */

/**
 * @typedef {{path: string, file: File}} Found a file, and where it lies in what was dropped
 * @typedef {{file: File, caption?: File, mask?: File}} Picture one to be added, with what belongs to it
 */

const PICTURE = /\.(avif|bmp|gif|heic|heif|jpe?g|jfif|jxl|png|tiff?|webp)$/i;
const CAPTION = /\.(txt|caption)$/i;
const IN_MASKS = /(^|\/)masks?\/(?=[^/]*$)/i;
const MASK_LABEL = /-masklabel$/i;
const LITTER = /(^|\/)(\.[^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(\/|$)/i;

/** @param {string} path @returns {boolean} whether it is something that systems leave in folders, and nobody means */
export const isLitter = (path) => LITTER.test(path);

/**
 * @param {Found[]} found in the order that the pictures shall have
 * @returns {(Picture & {path: string, isPicture: boolean})[]} without what belongs to another; what is no picture, by its
 *   name, and belongs to none is there as well
 */
export function paired(found) {
  const owners = new Set(found.filter(isPicture).map(({ path }) => stemOf(path)));
  /** @type {Map<string, File>} */
  const captions = new Map();
  /** @type {Map<string, File>} */
  const masks = new Map();
  const left = found.filter(({ path, file }) => {
    const [kind, owner] = belonging(path, captions, masks);
    if (kind && owners.has(owner)) kind.set(owner, file);
    return !kind || !owners.has(owner);
  });
  return left.map(({ path, file }) => {
    const stem = stemOf(path);
    return { path, file, caption: captions.get(stem), mask: masks.get(stem), isPicture: isPicture({ path, file }) };
  });
}

/**
 * @param {string} path
 * @param {Map<string, File>} captions
 * @param {Map<string, File>} masks
 * @returns {[Map<string, File> | undefined, string]} what it would be, and of which picture
 */
function belonging(path, captions, masks) {
  const stem = stemOf(path);
  if (CAPTION.test(path)) return [captions, stem];
  if (PICTURE.test(path) && IN_MASKS.test(path)) return [masks, stem.replace(IN_MASKS, "$1")];
  if (PICTURE.test(path) && MASK_LABEL.test(stem)) return [masks, stem.replace(MASK_LABEL, "")];
  return [undefined, ""];
}

/** @param {Found} found */
const isPicture = ({ path, file }) => PICTURE.test(path) || file.type.startsWith("image/");

/** @param {string} path @returns {string} without its suffix */
const stemOf = (path) => path.replace(/\.[^./]*$/, "");

const LONGEST = 10_001; // one more than a label may have: the server says so, and nothing is cut off in silence

/** @param {File | undefined} caption @returns {Promise<string>} in UTF-8, else as old programs write it */
export async function labelIn(caption) {
  if (!caption) return "";
  const data = await caption.slice(0, 4 * LONGEST).arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: data.byteLength < 4 * LONGEST }).decode(data).trim().slice(0, LONGEST);
  } catch {
    return new TextDecoder("windows-1252").decode(data).trim().slice(0, LONGEST);
  }
}

/** @param {Picture[]} pictures @returns {number} bytes; an empty file counts as well */
export function sizeOf(pictures) {
  return pictures.reduce((sum, { file, mask }) => sum + Math.max(1, file.size) + (mask?.size ?? 0), 0);
}
