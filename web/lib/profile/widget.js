/** A profile node's own part of the page: what its view shows, and what its buttons do. */

import { newId } from "../client.js";
import { redraw, toast } from "../comfy.js";
import { allNodes } from "../graph.js";
import { guarded } from "../guard.js";
import { openMenuBeside } from "../menu.js";
import { addElement, whileInGraph } from "../node_element.js";
import { poolIdOf } from "../pool/node.js";
import { say, sayCount } from "../say.js";
import { showError } from "../ui.js";
import * as actions from "./actions.js";
import { importFile } from "./client.js";
import { chosen, isProfileNode, poolsBehind } from "./node.js";
import { profiles } from "./store.js";
import { choose, refreshPool, showPool } from "./sync.js";
import { ProfileView } from "./view.js";

/** @typedef {import("../../types/comfy.js").GraphNode} GraphNode */
/** @typedef {import("./client.js").Profile} Profile */
/** @typedef {import("./view.js").Notice} Notice */
/** @typedef {import("./view.js").Work} Work */

const WIDTH = 330;

/** @type {Map<GraphNode, ProfilePanel>} */
const panels = new Map();

export const refreshPanels = () => panels.forEach((panel) => guarded("update", () => panel.update())());

/** @param {GraphNode} node */
export function attachProfile(node) {
  const panel = new ProfilePanel(node);
  const { view } = panel;
  addElement(node, { name: "manage", type: "datasete-profile", element: view.element, height: () => view.height });
  whileInGraph(node, () => panels.set(node, panel), () => panels.delete(node));
  panel.update();
}

class ProfilePanel {
  /** @param {GraphNode} node */
  constructor(node) {
    this.node = node;
    /** @type {Work | undefined} */
    this.work = undefined;
    this.view = new ProfileView((task, button) => this.start(() => this[task](button)));
  }

  /** @returns {Profile | undefined} the chosen one, as the server knows it */
  get profile() {
    return profiles.find(chosen(this.node).id);
  }

  /** @returns {string[]} pools without a name that are wired to this node */
  get unnamed() {
    return [...new Set(poolsBehind(this.node).map(poolIdOf))].filter((id) => !profiles.find(id));
  }

  update() {
    const isReady = profiles.isKnown && !profiles.isCorrupt;
    const canAdopt = isReady && this.unnamed.some((id) => profiles.count(id));
    this.view.update({ notice: this.notice(canAdopt), work: this.work, isChosen: Boolean(this.profile), isReady, canAdopt });
    this.fit();
  }

  /** Makes the node large enough for the view. */
  fit() {
    const { node, view } = this;
    view.element.style.minHeight = `${view.height}px`;
    const [width, height] = [Math.max(node.size[0], WIDTH), Math.max(node.size[1], node.computeSize()[1])];
    if (width > node.size[0] || height > node.size[1]) node.setSize([width, height]);
    redraw(node);
  }

  /** @param {boolean} canAdopt @returns {Notice} */
  notice(canAdopt) {
    const { id, name } = chosen(this.node);
    if (profiles.error) return this.listProblem(profiles.error);
    if (!profiles.isKnown) return { message: say("Loading profiles…") };
    if (this.profile) return { message: this.summary(this.profile) };
    if (id || name) return this.missing(name || id);
    if (canAdopt) return { message: say("None chosen."), hint: say("Choose one, or adopt the connected pool as a profile.") };
    if (!profiles.all.length) return { message: say("No profiles yet."), hint: say("Create one, or import one from a file.") };
    return { message: say("None chosen."), hint: say("Pools that are wired to it use their own pictures.") };
  }

  /** @param {Profile} profile */
  summary({ id }) {
    const [count, pools] = [profiles.count(id), poolsBehind(this.node).length];
    const parts = count === undefined ? [] : [count ? actions.pictures(count) : say("Empty")];
    parts.push(pools ? sayCount(pools, "shown in {n} pool", "shown in {n} pools") : say("not wired to a pool"));
    return parts.join(" · ");
  }

  /** @param {import("../client.js").ServerError} error @returns {Notice} */
  listProblem({ message, hint }) {
    const again = { label: say("Try again"), run: () => void profiles.refresh() };
    const rebuild = { label: say("Rebuild the list"), run: () => this.start(actions.rebuild) };
    return { message, hint, isTrouble: true, actions: profiles.isCorrupt ? [rebuild] : [again] };
  }

  /** @param {string} name @returns {Notice} */
  missing(name) {
    const same = profiles.named(name);
    const offers = [{ label: say("Import…"), run: () => this.start(() => this.import()) }];
    if (same) offers.unshift({ label: say("Use “{name}”", { name: same.name }), run: () => choose(this.node, same) });
    return {
      message: say("“{name}” is not on this machine.", { name }),
      hint: same
        ? say("Another profile with that name is. Wired pools keep their pictures until you choose.")
        : say("Import its file, or choose another. Wired pools keep their pictures until then."),
      isTrouble: true,
      actions: offers,
    };
  }

  /** @param {() => unknown} task */
  start(task) {
    guarded("profile", () => this.perform(task))();
  }

  /** @param {() => unknown} task */
  async perform(task) {
    try {
      await task();
    } catch (error) {
      showError(error);
      profiles.refresh();
    } finally {
      this.show(undefined);
    }
  }

  /** @param {Work | undefined} work */
  show(work) {
    this.work = work;
    this.update();
  }

  /** @param {Profile | null} profile */
  take(profile) {
    if (profile) choose(this.node, profile);
  }

  async create() {
    this.take(await actions.create());
  }

  async adopt() {
    const pool = this.unnamed.find((id) => profiles.count(id)) ?? this.unnamed[0];
    if (pool) this.take(await actions.adopt(pool, profiles.count(pool)));
  }

  async rename() {
    if (this.profile) this.take(await actions.rename(this.profile));
  }

  async duplicate() {
    const { profile } = this;
    if (profile) this.take(await actions.duplicate(profile, () => this.show({ text: say("Copying “{name}”…", { name: profile.name }) })));
  }

  async remove() {
    const { profile } = this;
    if (profile && (await actions.remove(profile))) forget(profile.id);
  }

  /** @param {HTMLElement} button */
  export(button) {
    const { profile } = this;
    const formats = profiles.formats.filter(({ pack }) => pack);
    if (!profile) return;
    const entries = formats.map(({ id, label }) => ({
      label,
      run: () => this.start(() => actions.exportAs(profile, id)),
    }));
    openMenuBeside(button, say("Export as"), entries);
  }

  async import() {
    const file = await actions.chooseFile();
    if (!file) return;
    const controller = new AbortController();
    const cancel = () => {
      this.show({ text: say("Cancelling…") });
      controller.abort();
    };
    this.show(importing(file, 0, cancel));
    const profile = await importFile(file, controller.signal, (share) => this.show(importing(file, share, cancel)));
    await profiles.refresh();
    this.take(profile);
    if (profile) toast("success", say("“{name}” was imported.", { name: profile.name }));
    else toast("info", say("The import was cancelled."), say("Nothing of it was kept. All profiles are as they were."));
  }
}

/** @param {File} file @param {number} share @param {() => void} cancel @returns {Work} */
function importing(file, share, cancel) {
  return share < 1
    ? { text: say("Sending {name}", { name: file.name }), share, cancel }
    : { text: say("Reading {name}…", { name: file.name }), cancel };
}

/** A profile was deleted: pools that are wired to it get new, empty ones, so that none uses a folder that is being removed. */
function forget(/** @type {string} */ id) {
  for (const node of allNodes().filter((each) => isProfileNode(each) && chosen(each).id === id)) {
    const pools = poolsBehind(node);
    choose(node, { id: "", name: "" });
    for (const pool of pools) if (poolIdOf(pool) === id) showPool(pool, newId());
    pools.forEach(refreshPool);
  }
}
