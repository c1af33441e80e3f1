/** Finds the pictures in dropped folders and their subfolders, in natural order, with the labels and masks beside them. */

import { isLitter, isLitterFolder, paired } from "../pool/pictures.js";
import { say } from "../say.js";

/** @typedef {import("../pool/client.js").Refusal} Refusal */
/** @typedef {import("../pool/pictures.js").Picture} Picture */

const MAX_FILES = 50_000;
const reasonFor = (/** @type {string} */ kind) =>
  kind === "no-picture" ? say("is not a picture.") : say("is in a format that is not read.");

/**
 * @param {FileSystemEntry[]} entries files and folders
 * @returns {Promise<{pictures: Picture[], refused: Refusal[]}>} `refused`: files that are not pictures, or cannot be read
 */
export async function picturesIn(entries) {
  const walk = new Walk();
  await walk.through(entries);
  const found = paired(walk.found);
  const others = found.filter(({ kind }) => kind !== "picture").map(({ path, kind }) => refusal(path, reasonFor(kind)));
  const pictures = found.filter(({ kind }) => kind === "picture");
  if (!pictures.length && !others.length && !walk.refused.length) walk.refused.push(refusal(say("The folder"), say("is empty.")));
  return { pictures, refused: [...others, ...walk.refused] };
}

class Walk {
  constructor() {
    /** @type {import("../pool/pictures.js").Found[]} */
    this.found = [];
    /** @type {Refusal[]} */
    this.refused = [];
  }

  /** @param {FileSystemEntry[]} entries */
  async through(entries) {
    const queue = sorted(entries);
    for (let entry = queue.shift(); entry; entry = queue.shift()) {
      const path = entry.fullPath.replace(/^\//, "");
      if (this.found.length === MAX_FILES) {
        this.refused.push(refusal(path, say("and the files after it were left out: at most {n} are added at once.", { n: MAX_FILES })));
        return;
      }
      if (!(entry.isDirectory ? isLitterFolder(path) : isLitter(path))) queue.unshift(...(await this.open(entry, path)));
    }
  }

  /** @param {FileSystemEntry} entry @param {string} path @returns {Promise<FileSystemEntry[]>} the entries of a folder */
  async open(entry, path) {
    try {
      if (entry.isDirectory) return sorted(await listed(/** @type {FileSystemDirectoryEntry} */ (entry)));
      this.found.push({ path, file: await fileOf(/** @type {FileSystemFileEntry} */ (entry)) });
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.refused.push(refusal(path, say("cannot be read.")));
    }
    return [];
  }
}

/** @param {string} file @param {string} message @returns {Refusal} */
const refusal = (file, message) => ({ file, message, hint: say("It was left as it is.") });

const { compare } = new Intl.Collator(undefined, { numeric: true });

/** @param {FileSystemEntry[]} entries @returns {FileSystemEntry[]} in natural order */
const sorted = (entries) => [...entries].sort((one, other) => compare(one.name, other.name));

/** @param {FileSystemDirectoryEntry} folder @returns {Promise<FileSystemEntry[]>} browsers return a hundred at a time */
async function listed(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return all;
    all.push(...some);
  }
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
