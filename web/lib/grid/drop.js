/** Takes what is dropped on a grid: files and folders from the desktop, and pictures from ComfyUI's own panels. */

import { guarded } from "../guard.js";
import { say } from "../say.js";
import { addFiles, addPictures } from "./edits.js";
import { picturesIn } from "./folders.js";

/** @typedef {import("./controller.js").GridController} GridController */
/** @typedef {import("../pool/client.js").Refusal} Refusal */

const ASSET = "application/x-comfy-asset-info";

/** @param {GridController} grid */
export function listenForDrops(grid) {
  const { element, hint } = grid.view;
  const show = (/** @type {boolean} */ isOver) => (hint.hidden = !isOver || grid.isReadOnly);
  const over = (/** @type {DragEvent} */ event) => {
    if (!holdsPictures(event.dataTransfer)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.dataTransfer) event.dataTransfer.dropEffect = grid.isReadOnly ? "none" : "copy";
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
    return takeDrop(grid, /** @type {DataTransfer} */ (event.dataTransfer));
  }));
}

/** @param {DataTransfer | null} transfer @returns {boolean} */
export function holdsPictures(transfer) {
  return Boolean(transfer && ["Files", "text/uri-list", ASSET].some((type) => transfer.types.includes(type)));
}

/** @param {GridController} grid @param {DataTransfer} transfer which browsers let us read only during its event */
export async function takeDrop(grid, transfer) {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null).filter((entry) => entry !== null);
  const files = [...transfer.files];
  const [addresses, name] = [addressesOf(transfer), assetName(transfer)];
  if (entries.some((entry) => entry.isDirectory)) {
    const { pictures, refused } = await picturesIn(entries);
    await addPictures(grid, pictures, refused);
  } else if (files.length) await addFiles(grid, files);
  else {
    const { loaded, refused } = await loadAll(addresses, name);
    await addPictures(grid, loaded.map((file) => ({ file })), refused);
  }
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

/** @param {string[]} addresses @param {string} name @returns {Promise<{loaded: File[], refused: Refusal[]}>} */
async function loadAll(addresses, name) {
  /** @type {File[]} */
  const loaded = [];
  /** @type {Refusal[]} */
  const refused = [];
  for (const address of addresses) {
    const called = name || nameOf(address);
    const blob = await load(address);
    if (blob) loaded.push(new File([blob], called, { type: blob.type }));
    else refused.push({ file: called, message: say("cannot be loaded from there."), hint: say("Save it first, then drop the file.") });
  }
  return { loaded, refused };
}

/** @param {string} address @returns {Promise<Blob | undefined>} only from this server: other sites do not share theirs */
async function load(address) {
  const url = URL.parse(address, location.href);
  if (!url || (url.origin !== location.origin && !["blob:", "data:"].includes(url.protocol))) return undefined;
  if (url.pathname.endsWith("/view")) url.searchParams.delete("preview"); // the picture itself, not a thumbnail
  const response = await fetch(url).catch(() => undefined);
  return response?.ok ? response.blob() : undefined;
}

/** @param {string} address */
function nameOf(address) {
  const url = URL.parse(address, location.href);
  return url?.searchParams.get("filename") || url?.pathname.split("/").at(-1) || "picture";
}
