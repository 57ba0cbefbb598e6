// A front end on the generated TypeScript client: `deno run use.ts URL TOKEN PROJECT` prints what it saw.

import {
  Configuration,
  ErrorAnswerFromJSON,
  type DryRunAnswer,
  type GenerateOrder,
  GenerationsApi,
  LibraryApi,
  ProjectsApi,
  ResponseError,
  Sort,
  type StartAnswer,
} from "./client/index.ts";

const [basePath, accessToken, projectId] = Deno.args;
const configuration = new Configuration({ basePath, accessToken });
const generations = new GenerationsApi(configuration);
const library = new LibraryApi(configuration);
const projects = new ProjectsApi(configuration);

async function errorOf(call: Promise<unknown>): Promise<[string, number]> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    const answer = ErrorAnswerFromJSON(await error.response.json());
    return [answer.error.code, answer.error.statusCode];
  }
  throw new Error("this should have been refused");
}

function isPrice(answer: StartAnswer): answer is DryRunAnswer {
  return "creditCost" in answer;
}

function inWords(textPrompt: string): GenerateOrder {
  return { projectId, generationType: "TEXT_DESCRIPTION", textPrompt };
}

const { poses } = await library.listPoses({ limit: 3, premium: false, sort: Sort.Name });
const generateOrder: GenerateOrder = {
  projectId,
  generationType: "GALLERY_REFERENCE",
  selectedPoseIds: poses.map((pose) => pose.id),
  batchSize: 2,
};
const price = await generations.startGeneration({ generateOrder, dryRun: true });
const started = await generations.startGeneration({ generateOrder, idempotencyKey: "one" });
if (!isPrice(price) || isPrice(started)) throw new Error("a price is no start");
const status = await generations.getGeneration({ generationId: started.generationId });
const needed: number = started.estimatedCompletionTime.getTime() - status.generation.createdAt.getTime();

console.log(JSON.stringify({
  keypoints: (await library.getPose({ poseId: poses[0].id })).pose.keypoints.length,
  price: price.creditCost,
  charged: started.creditCharged,
  status: status.generation.status,
  history: (await generations.listGenerations({})).generations.map((seen) => seen.id),
  dates: needed > 0,
  errors: [
    await errorOf(projects.getProject({ projectId: "proj_of_nobody" })),
    await errorOf(generations.startGeneration({ generateOrder: inWords("a red shirt") })),
    await errorOf(generations.startGeneration({ generateOrder: { ...generateOrder, batchSize: 10 } })),
  ],
  started: started.generationId,
}));
