/** A generation belongs to a project: the user's newest, or a first one made when it is needed. */

import { get, post } from "./api.js";

const FIRST_PROJECT = "My pictures";
let found;

export function projectId() {
  found ??= findOrMake().catch((error) => {
    found = null;
    throw error;
  });
  return found;
}

async function findOrMake() {
  const { projects } = await get("projects?status=active&limit=1");
  if (projects.length) return projects[0].id;
  return (await post("projects", { projectName: FIRST_PROJECT })).project.id;
}
