/** Which pictures are selected, by name, and where the keyboard cursor is. */

export class Selection {
  constructor() {
    /** @type {Set<string>} */
    this.names = new Set();
    /** The picture at the keyboard cursor, and the one at which a range begins. */
    this.cursor = "";
    this.anchor = "";
  }

  /** @param {string} name */
  has(name) {
    return this.names.has(name);
  }

  /** Selects a single picture. @param {string} name */
  only(name) {
    this.names = new Set([name]);
    this.cursor = this.anchor = name;
  }

  /** Adds a picture to the selection, or takes it out. @param {string} name */
  toggle(name) {
    if (!this.names.delete(name)) this.names.add(name);
    this.cursor = this.anchor = name;
  }

  /**
   * Selects from the anchor to a picture.
   *
   * @param {string[]} order of all pictures in the grid
   * @param {string} name
   */
  range(order, name) {
    const [from, to] = [order.indexOf(this.anchor), order.indexOf(name)];
    if (from < 0) return this.only(name);
    this.names = new Set(order.slice(Math.min(from, to), Math.max(from, to) + 1).filter(Boolean));
    this.cursor = name;
    return undefined;
  }

  /** @param {string[]} names */
  all(names) {
    this.names = new Set(names.filter(Boolean));
  }

  clear() {
    this.names = new Set();
  }

  /** Forgets pictures that are gone. @param {Set<string>} existing */
  keep(existing) {
    for (const name of this.names) if (!existing.has(name)) this.names.delete(name);
    if (!existing.has(this.cursor)) this.cursor = "";
    if (!existing.has(this.anchor)) this.anchor = this.cursor;
  }

  /**
   * @param {string[]} order
   * @returns {string[]} the selected pictures in the order of the grid; without a selection, the one at the cursor
   */
  inOrder(order) {
    const chosen = order.filter((name) => this.names.has(name));
    return chosen.length || !this.cursor ? chosen : [this.cursor];
  }
}
