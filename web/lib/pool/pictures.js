/**
 * Which files are pictures, and which are their captions and masks, as `datasete/sidecars/pairing.py` decides it for folders on
 * the server: `name.txt` beside `name.png` is its caption, and `masks/name.png` or `name-masklabel.png` its mask.
 */

import * as kinds from "./kinds.js";

/**
 * @typedef {{path: string, file: File}} Found a file, and its path within what was dropped
 * @typedef {{file: File, caption?: File, mask?: File}} Picture to be added, with what belongs to it
 * @typedef {"picture" | "unknown-format" | "no-picture"} Kind
 */

/** @param {readonly string[]} suffixes */
const endsInOneOf = (suffixes) => (/** @type {string} */ path) => suffixes.includes(suffixOf(path));

const hasPictureSuffix = endsInOneOf(kinds.PICTURES);
const isOtherPicture = endsInOneOf(kinds.OTHER_PICTURES);
const isCaption = endsInOneOf(kinds.CAPTIONS);

/** @param {string} path @returns {boolean} whether it is litter, or lies in a folder of litter */
export function isLitter(path) {
  const [name = "", ...folders] = path.split("/").reverse();
  return isLitterFile(name.toLowerCase()) || folders.some((folder) => isLitterFolder(folder.toLowerCase()));
}

/** @param {string} path of a folder @returns {boolean} whether nothing in it is meant to be added */
export const isLitterFolder = (path) =>
  nameOf(path).startsWith(".") || kinds.LITTER_FOLDERS.includes(nameOf(path).toLowerCase());

/** @param {string} name in lower case */
function isLitterFile(name) {
  return (
    kinds.LITTER_BEGINNINGS.some((beginning) => name.startsWith(beginning)) ||
    kinds.LITTER_ENDINGS.some((ending) => name.endsWith(ending)) ||
    kinds.LITTER_FILES.includes(name) ||
    /^#.*#$/.test(name)
  );
}

/**
 * @param {Found[]} found in the order that the pictures will have
 * @returns {(Picture & {path: string, kind: Kind})[]} without the captions and masks of others; files that are neither
 *   pictures nor belong to one are included
 */
export function paired(found) {
  const candidates = found.filter(isPicture);
  const stems = candidates.map(({ path }) => stemOf(path));
  const owners = new Map(candidates.map(({ path }) => /** @type {[string, string]} */ ([path, maskOwner(path)])));
  const masks = new Companions(
    [...owners].filter(([, owner]) => owner),
    stems,
  );
  const maskOf = new Map(candidates.map(({ path }) => [path, masks.of(stemOf(path))]));
  const used = new Set(maskOf.values());
  const maskFolders = new Set([...used].filter((path) => path !== undefined).map(folderOf));
  // A folder `masks` of which no file belongs to a picture is a folder like any other.
  const isOrphan = (/** @type {string} */ path) => owners.get(path) && maskFolders.has(folderOf(path));
  const pictures = candidates.filter(({ path }) => !used.has(path) && !isOrphan(path)).map(({ path }) => path);
  const captionOf = captionsOf(found, pictures);
  const files = new Map(found.map(({ path, file }) => [path, file]));
  const taken = new Set([...used, ...pictures.map(captionOf)]);
  const shown = new Set(pictures);
  return found
    .filter(({ path }) => !taken.has(path) || shown.has(path))
    .map(({ path, file }) => {
      if (!shown.has(path)) return { path, file, kind: isOtherPicture(path) ? "unknown-format" : "no-picture" };
      const [caption, mask] = [captionOf(path), maskOf.get(path)].map((name) => name && files.get(name));
      return { path, file, caption: caption || undefined, mask: mask || undefined, kind: "picture" };
    });
}

/** Files by the name of what they belong to: exactly, or in another spelling when nothing has that name exactly. */
class Companions {
  /** @param {string[][]} owned pairs of a path and its owner @param {string[]} owners */
  constructor(owned, owners) {
    /** @type {Map<string, string>} */
    this.exact = new Map();
    /** @type {Map<string, string[][]>} */
    this.loose = new Map();
    for (const [path = "", owner = ""] of owned) {
      if (!this.exact.has(owner)) this.exact.set(owner, path);
      this.loose.set(spelling(owner), [...(this.loose.get(spelling(owner)) ?? []), [path, owner]]);
    }
    this.taken = new Set(owners.filter((owner) => this.exact.has(owner)));
  }

  /** @param {string} owner @returns {string | undefined} */
  of(owner) {
    const others = this.loose.get(spelling(owner)) ?? [];
    return this.exact.get(owner) ?? others.find(([, other = ""]) => !this.taken.has(other))?.[0];
  }
}

/**
 * @param {Found[]} found
 * @param {string[]} pictures
 * @returns {(picture: string) => string | undefined} the caption of a picture: `name.png.txt` before `name.txt`
 */
function captionsOf(found, pictures) {
  const rank = (/** @type {string} */ path) => kinds.CAPTIONS.indexOf(suffixOf(path));
  const captions = found.map(({ path }) => path).filter(isCaption);
  captions.sort((one, other) => rank(one) - rank(other));
  const companions = new Companions(
    captions.map((path) => [path, stemOf(path)]),
    pictures.flatMap((path) => [path, stemOf(path)]),
  );
  return (picture) => {
    const owners = [picture, stemOf(picture)];
    const exact = owners.map((owner) => companions.exact.get(owner)).find(Boolean);
    return exact ?? owners.map((owner) => companions.of(owner)).find(Boolean);
  };
}

/** @param {Found} found */
const isPicture = ({ path, file }) =>
  hasPictureSuffix(path) || (file.type.startsWith("image/") && !isOtherPicture(path));

/** @param {string} path @returns {string} the stem of the picture that has this mask, or "" */
function maskOwner(path) {
  const stem = stemOf(path);
  const [name = "", folder = "", ...above] = stem.split("/").reverse();
  if (kinds.MASK_FOLDERS.includes(folder.toLowerCase())) return [...above.reverse(), name].join("/");
  return stem.toLowerCase().endsWith(kinds.MASK_ENDING) ? stem.slice(0, -kinds.MASK_ENDING.length) : "";
}

/** @param {string} path */
const nameOf = (path) => path.replace(/^.*\//, "");

/** @param {string} path */
const folderOf = (path) => path.replace(/(^|\/)[^/]*$/, "");

/** @param {string} path @returns {string} in lower case, without its dot */
const suffixOf = (path) => path.match(/\.([^./]*)$/)?.[1]?.toLowerCase() ?? "";

/** @param {string} path @returns {string} without its suffix */
const stemOf = (path) => path.replace(/([^/])\.[^./]*$/, "$1");

/** @param {string} path @returns {string} the same for all spellings of the file's own name */
const spelling = (path) => `${folderOf(path)}/${nameOf(path).normalize("NFC").toLowerCase().normalize("NFC")}`;

/** @param {Picture[]} pictures @returns {number} bytes; an empty file counts as well */
export function sizeOf(pictures) {
  return pictures.reduce((sum, { file, mask }) => sum + Math.max(1, file.size) + (mask?.size ?? 0), 0);
}
