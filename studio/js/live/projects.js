/** A generation belongs to a project: the chosen one, else the newest, else a first one made when it is needed. */

import { get, post } from "../core/api.js";
import { t } from "../words/words.js";
import { draft } from "./draft.js";

let list;

export function projects() {
  list ??= get("projects?status=active&limit=100").then((answer) => answer.projects, (error) => {
    list = null;
    throw error;
  });
  return list;
}

export async function addProject(project) {
  const made = (await post("projects", project)).project;
  list = Promise.resolve([made, ...(await projects())]);
  draft.set({ projectId: made.id });
  return made;
}

let first;

export async function projectId() {
  const known = await projects();
  const chosen = known.find(({ id }) => id === draft.now.projectId) ?? known[0];
  if (chosen) return chosen.id;
  first ??= addProject({ projectName: t("project.first") }).finally(() => (first = null));
  return (await first).id;
}
