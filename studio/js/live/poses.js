/** Poses by id, each asked for once; pictures of a generation name only the id. And those the user has marked. */

import { get, post, remove } from "../core/api.js";

const known = new Map();
let marked;

export function remember(pose) {
  known.set(pose.id, Promise.resolve(pose));
}

/** Null for one that is retired or cannot be read: then its picture stands without a name. */
export function poseOf(id) {
  if (!known.has(id)) known.set(id, fresh(id));
  return known.get(id);
}

/** Asked for anew, since the links of its pictures expire. */
export function fresh(id) {
  const found = get(`library/${id}`).then(({ pose }) => pose, () => null);
  known.set(id, found);
  return found;
}

export function favorites() {
  marked ??= readAll().catch(() => new Set());
  return marked;
}

async function readAll() {
  const ids = new Set();
  for (let page = 1, last = 1; page <= last; page++) {
    const { poses, pagination } = await get(`library?favorites=true&limit=100&page=${page}`);
    poses.forEach(({ id }) => ids.add(id));
    last = pagination.totalPages;
  }
  return ids;
}

export async function mark(id, isFavorite) {
  const path = `library/${id}/favorite`;
  await (isFavorite ? post(path) : remove(path));
  const ids = await favorites();
  if (isFavorite) ids.add(id);
  else ids.delete(id);
}
