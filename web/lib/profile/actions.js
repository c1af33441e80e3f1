/** What a person does with profiles, each from the question before it to the message after it. */

import { ServerError } from "../client.js";
import { app, toast } from "../comfy.js";
import { saveFrom } from "../download.js";
import { counted } from "../text.js";
import { sentences } from "../ui.js";
import { exportUrl, server } from "./client.js";
import { profiles } from "./store.js";

/** @typedef {import("./client.js").Profile} Profile */

const dialogs = () => /** @type {any} */ (app.extensionManager).dialog;

/** @param {number} count */
export const pictures = (count) => counted(count, "picture");

/** @param {number | undefined} count */
const picturesAre = (count) => (count === undefined ? "pictures are" : `${pictures(count)} ${count === 1 ? "is" : "are"}`);

/**
 * Asks for a name until the server accepts it, or the person cancels.
 *
 * @param {{title: string, message: string, name: string}} question
 * @param {(name: string) => Promise<Profile>} save
 * @returns {Promise<Profile | null>}
 */
async function named({ title, message, name }, save) {
  let [text, shown] = [name, message];
  for (;;) {
    const answer = await dialogs().prompt({ title, message: shown, defaultValue: text });
    if (answer === null || answer === undefined) return null;
    try {
      const profile = await save(answer.trim());
      await profiles.refresh();
      return profile;
    } catch (error) {
      if (!(error instanceof ServerError) || ![400, 409].includes(error.status)) throw error;
      [text, shown] = [answer, sentences(error)];
    }
  }
}

/** @returns {Promise<Profile | null>} */
export const create = () =>
  named(
    {
      title: "New profile",
      message: "An empty pool with a name. Pictures are added in an Image Pool wired to it.",
      name: "",
    },
    (name) => server.create(name),
  );

/** @param {string} pool @param {number | undefined} count @returns {Promise<Profile | null>} */
export const adopt = (pool, count) =>
  named(
    {
      title: "Adopt pool as a profile",
      message: `Its ${picturesAre(count)} copied into a profile with this name. The pool stays as it is.`,
      name: "",
    },
    (name) => server.create(name, pool),
  );

/** @param {Profile} profile @returns {Promise<Profile | null>} */
export const rename = ({ id, name }) =>
  named({ title: "Rename profile", message: "Its pictures stay, and workflows that use it keep working.", name }, (text) =>
    server.rename(id, text),
  );

/** @param {Profile} profile @param {() => void} started @returns {Promise<Profile | null>} */
export const duplicate = ({ id, name }, started) =>
  named(
    {
      title: `Duplicate “${name}”`,
      message: "The copy has all its pictures, labels and masks. Changes to one do not show in the other.",
      name: profiles.freeName(name),
    },
    (text) => {
      started();
      return server.duplicate(id, text);
    },
  );

/** @param {Profile} profile @returns {Promise<boolean>} whether it is gone */
export async function remove({ id, name }) {
  const count = await server.count(id).catch(() => undefined);
  const sure = await dialogs().confirm({
    title: `Delete “${name}”?`,
    type: "delete",
    message: `The profile is deleted with ${count === undefined ? "all its pictures" : `its ${pictures(count)}`}. This cannot be undone.`,
    hint: "Other profiles, pools and everything that workflows saved are unharmed. Export it first to keep a copy.",
  });
  if (!sure) return false;
  await server.remove(id);
  await profiles.refresh();
  toast("success", `“${name}” was deleted.`);
  return true;
}

/** @param {Profile} profile @param {string} format */
export async function exportAs({ id, name }, format) {
  const { filename, count } = await server.checkExport(id, format);
  saveFrom(exportUrl(id, format), filename);
  toast("success", `“${name}” is being saved`, `${pictures(count)}, as ${filename}.`);
}

export async function rebuild() {
  const { profiles: list } = await server.rebuild();
  await profiles.refresh();
  const found = `${counted(list.length, "profile")} ${list.length === 1 ? "was" : "were"} found.`;
  toast("success", "The list of profiles was rebuilt", `${found} The old list is kept beside it.`);
}

/** @returns {Promise<File | null>} what a person chose */
export function chooseFile() {
  const suffixes = profiles.formats.filter(({ unpack }) => unpack).map(({ suffix }) => suffix);
  const input = Object.assign(document.createElement("input"), { type: "file", accept: [...new Set(suffixes)].join(",") });
  input.dataset.testid = "datasete-profile-file";
  return new Promise((resolve) => {
    input.addEventListener("change", () => resolve(input.files?.[0] ?? null));
    input.addEventListener("cancel", () => resolve(null));
    input.click();
  });
}
