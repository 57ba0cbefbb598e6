/** The chosen poses, in order of choosing. Says "change" when that changes. */

class Selection extends EventTarget {
  #poses = new Map();

  get list() {
    return [...this.#poses.values()];
  }

  get size() {
    return this.#poses.size;
  }

  has(id) {
    return this.#poses.has(id);
  }

  toggle(pose) {
    if (!this.#poses.delete(pose.id)) this.#poses.set(pose.id, pose);
    this.dispatchEvent(new Event("change"));
  }

  clear() {
    this.#poses.clear();
    this.dispatchEvent(new Event("change"));
  }
}

export const selection = new Selection();
