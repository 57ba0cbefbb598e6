/** The user's avatars. */

import { get, post, remove } from "../core/api.js";

let list;

export function avatars() {
  list ??= get("avatars?limit=100").then((answer) => answer.avatars, (error) => {
    list = null;
    throw error;
  });
  return list;
}

export async function addAvatar(avatar) {
  const made = (await post("avatars", avatar)).avatar;
  list = Promise.resolve([made, ...(await avatars())]);
  return made;
}

export async function removeAvatar(id) {
  await remove(`avatars/${id}`);
  list = Promise.resolve((await avatars()).filter((avatar) => avatar.id !== id));
}
