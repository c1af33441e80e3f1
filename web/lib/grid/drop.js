/** Pictures that are dropped on a grid: files and folders from the desktop, and pictures of ComfyUI's own panels. */

import { addFiles } from "./edits.js";
import { guarded } from "../guard.js";

/** @typedef {import("./desk.js").GridDesk} GridDesk */
/** @typedef {import("../pool/client.js").Refusal} Refusal */
/** @typedef {{files: File[], refused: Refusal[]}} Gathered */

const PICTURE = /\.(avif|bmp|gif|heic|heif|jpe?g|jfif|jxl|png|tiff?|webp)$/i;
const ASSET = "application/x-comfy-asset-info";
const MOST_FILES = 50_000;

/** @param {GridDesk} desk */
export function listenForDrops(desk) {
  const { element, hint } = desk.view;
  const show = (/** @type {boolean} */ isOver) => (hint.hidden = !isOver || desk.isReadOnly);
  const over = (/** @type {DragEvent} */ event) => {
    if (!holdsPictures(event.dataTransfer)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.dataTransfer) event.dataTransfer.dropEffect = desk.isReadOnly ? "none" : "copy";
    show(true);
  };
  element.addEventListener("dragenter", guarded("drag", over));
  element.addEventListener("dragover", guarded("drag", over));
  element.addEventListener("dragleave", (event) => {
    if (!element.contains(/** @type {Node | null} */ (event.relatedTarget))) show(false);
  });
  element.addEventListener("drop", guarded("drop", (event) => {
    show(false);
    if (!holdsPictures(event.dataTransfer)) return undefined;
    event.preventDefault();
    event.stopPropagation();
    return takeDrop(desk, /** @type {DataTransfer} */ (event.dataTransfer));
  }));
}

/** @param {DataTransfer | null} transfer @returns {boolean} */
export function holdsPictures(transfer) {
  return Boolean(transfer && ["Files", "text/uri-list", ASSET].some((type) => transfer.types.includes(type)));
}

/** @param {GridDesk} desk @param {DataTransfer} transfer */
export async function takeDrop(desk, transfer) {
  const { files, refused } = await gathered(transfer); // begun before the event is over, as browsers demand
  await addFiles(desk, files, refused);
}

/** @param {DataTransfer} transfer @returns {Promise<Gathered>} */
async function gathered(transfer) {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.some((entry) => entry?.isDirectory)) return ofFolders(entries);
  const files = [...transfer.files];
  return files.length ? { files, refused: [] } : ofAddresses(addressesOf(transfer), assetName(transfer));
}

/** @param {(FileSystemEntry | null)[]} entries @returns {Promise<Gathered>} what lies in folders besides pictures is left out */
async function ofFolders(entries) {
  const files = [];
  const queue = entries.filter((entry) => entry !== null);
  for (let entry = queue.shift(); entry && files.length < MOST_FILES; entry = queue.shift()) {
    if (entry.isDirectory) queue.unshift(...(await listed(/** @type {FileSystemDirectoryEntry} */ (entry))));
    else if (PICTURE.test(entry.name)) files.push(await fileOf(/** @type {FileSystemFileEntry} */ (entry)));
  }
  const refused = files.length ? [] : [{ file: "The folder", message: "holds no pictures.", hint: "" }];
  return { files, refused };
}

/** @param {FileSystemDirectoryEntry} folder @returns {Promise<FileSystemEntry[]>} in natural order */
async function listed(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    all.push(...some);
  }
  return all.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** @param {DataTransfer} transfer @returns {string[]} */
function addressesOf(transfer) {
  const lines = transfer.getData("text/uri-list").split(/\r?\n/);
  return lines.filter((line) => line && !line.startsWith("#"));
}

/** @param {DataTransfer} transfer @returns {string} what ComfyUI's assets panel calls the picture */
function assetName(transfer) {
  try {
    return String(JSON.parse(transfer.getData(ASSET)).filename ?? "");
  } catch {
    return "";
  }
}

/** @param {string[]} addresses @param {string} name @returns {Promise<Gathered>} */
async function ofAddresses(addresses, name) {
  /** @type {Gathered} */
  const found = { files: [], refused: [] };
  for (const address of addresses) {
    const called = name || nameOf(address);
    const blob = await load(address);
    if (blob) found.files.push(new File([blob], called, { type: blob.type }));
    else found.refused.push({ file: called, message: "cannot be loaded from there.", hint: "Save it, and drop the file." });
  }
  return found;
}

/** @param {string} address @returns {Promise<Blob | undefined>} only of this server: other sites do not hand theirs out */
async function load(address) {
  const url = URL.parse(address, location.href);
  if (!url || (url.origin !== location.origin && !["blob:", "data:"].includes(url.protocol))) return undefined;
  if (url.pathname.endsWith("/view")) url.searchParams.delete("preview"); // the picture itself, not a small one of it
  const response = await fetch(url).catch(() => undefined);
  return response?.ok ? response.blob() : undefined;
}

/** @param {string} address */
function nameOf(address) {
  const url = URL.parse(address, location.href);
  return url?.searchParams.get("filename") || url?.pathname.split("/").at(-1) || "picture";
}
