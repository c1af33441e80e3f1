/** What a person does with profiles, each from the question before it to the message after it. */

import { ServerError } from "../client.js";
import { app, toast } from "../comfy.js";
import { saveFrom } from "../download.js";
import { say, sayCount } from "../say.js";
import { sentences } from "../ui.js";
import { exportUrl, server } from "./client.js";
import { profiles } from "./store.js";

/** @typedef {import("./client.js").Profile} Profile */

const dialogs = () => /** @type {any} */ (app.extensionManager).dialog;

/** @param {number} count */
export const pictures = (count) => sayCount(count, "{n} picture", "{n} pictures");

/** @param {number | undefined} count */
const copied = (count) =>
  count === undefined
    ? say("Its pictures are copied into a profile with this name. The pool stays as it is.")
    : sayCount(
        count,
        "Its {n} picture is copied into a profile with this name. The pool stays as it is.",
        "Its {n} pictures are copied into a profile with this name. The pool stays as it is.",
      );

/** @param {number | undefined} count */
const lost = (count) =>
  count === undefined
    ? say("The profile is deleted with all its pictures. This cannot be undone.")
    : sayCount(
        count,
        "The profile is deleted with its {n} picture. This cannot be undone.",
        "The profile is deleted with its {n} pictures. This cannot be undone.",
      );

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
      title: say("New profile"),
      message: say("An empty pool with a name. Pictures are added in an Image Pool wired to it."),
      name: "",
    },
    (name) => server.create(name),
  );

/** @param {string} pool @param {number | undefined} count @returns {Promise<Profile | null>} */
export const adopt = (pool, count) =>
  named(
    {
      title: say("Adopt pool as a profile"),
      message: copied(count),
      name: "",
    },
    (name) => server.create(name, pool),
  );

/** @param {Profile} profile @returns {Promise<Profile | null>} */
export const rename = ({ id, name }) =>
  named({ title: say("Rename profile"), message: say("Its pictures stay, and workflows that use it keep working."), name }, (text) =>
    server.rename(id, text),
  );

/** @param {Profile} profile @param {() => void} started @returns {Promise<Profile | null>} */
export const duplicate = ({ id, name }, started) =>
  named(
    {
      title: say("Duplicate “{name}”", { name }),
      message: say("The copy has all its pictures, labels and masks. Changes to one do not show in the other."),
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
    title: say("Delete “{name}”?", { name }),
    type: "delete",
    message: lost(count),
    hint: say("Other profiles, pools and everything that workflows saved are unharmed. Export it first to keep a copy."),
  });
  if (!sure) return false;
  await server.remove(id);
  await profiles.refresh();
  toast("success", say("“{name}” was deleted.", { name }));
  return true;
}

/** @param {Profile} profile @param {string} format */
export async function exportAs({ id, name }, format) {
  const { filename, count } = await server.checkExport(id, format);
  saveFrom(exportUrl(id, format), filename);
  toast("success", say("“{name}” is being saved", { name }), say("{pictures}, as {filename}.", { pictures: pictures(count), filename }));
}

export async function rebuild() {
  const { profiles: list } = await server.rebuild();
  await profiles.refresh();
  const found = sayCount(
    list.length,
    "{n} profile was found. The old list is kept beside it.",
    "{n} profiles were found. The old list is kept beside it.",
  );
  toast("success", say("The list of profiles was rebuilt"), found);
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
