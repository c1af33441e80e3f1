/**
 * Which files are pictures, and which are their labels and masks: `name.txt` beside `name.png` is its label, and
 * `masks/name.png` or `name-masklabel.png` its mask. Training sets and our own exports have this layout.
 */

/**
 * @typedef {{path: string, file: File}} Found a file, and its path within what was dropped
 * @typedef {{file: File, caption?: File, mask?: File}} Picture to be added, with what belongs to it
 */

const PICTURE = /\.(avif|bmp|gif|heic|heif|jpe?g|jfif|jxl|png|tiff?|webp)$/i;
const CAPTION = /\.(txt|caption)$/i;
const IN_MASKS = /(^|\/)masks?\/(?=[^/]*$)/i;
const MASK_LABEL = /-masklabel$/i;
const LITTER = /(^|\/)(\.[^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(\/|$)/i;

/** @param {string} path @returns {boolean} whether systems leave such files in folders, which are not meant to be added */
export const isLitter = (path) => LITTER.test(path);

/**
 * @param {Found[]} found in the order that the pictures will have
 * @returns {(Picture & {path: string, isPicture: boolean})[]} without the labels and masks of
 *   others; files that are neither pictures nor belong to one are included
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
 * @returns {[Map<string, File> | undefined, string]} where it belongs, and to which picture
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

const MAX_CHARACTERS = 10_001; // one more than a label may have, so that the server refuses it instead of us cutting it off

/** @param {File | undefined} caption @returns {Promise<string>} decoded as UTF-8, else as older programs write it */
export async function labelIn(caption) {
  if (!caption) return "";
  const data = await caption.slice(0, 4 * MAX_CHARACTERS).arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: data.byteLength < 4 * MAX_CHARACTERS }).decode(data).trim().slice(0, MAX_CHARACTERS);
  } catch {
    return new TextDecoder("windows-1252").decode(data).trim().slice(0, MAX_CHARACTERS);
  }
}

/** @param {Picture[]} pictures @returns {number} bytes; an empty file counts as well */
export function sizeOf(pictures) {
  return pictures.reduce((sum, { file, mask }) => sum + Math.max(1, file.size) + (mask?.size ?? 0), 0);
}
