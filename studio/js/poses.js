/** Poses by id, each asked for once; pictures of a generation name only the id. */

import { get } from "./api.js";

const known = new Map();

export function remember(pose) {
  known.set(pose.id, Promise.resolve(pose));
}

/** Null for one that is retired or cannot be read: then its picture stands without a name. */
export function poseOf(id) {
  if (!known.has(id)) {
    known.set(id, get(`library/${id}`).then(({ pose }) => pose, () => null));
  }
  return known.get(id);
}
