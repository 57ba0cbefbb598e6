/** The order form: a live quote while it changes, and placing it exactly once. */

import { post } from "./api.js";
import { byId, debounced } from "./dom.js";
import { chosenFormats } from "./formats.js";
import { Once } from "./once.js";
import { dismiss, tell } from "./notice.js";
import { projectId } from "./projects.js";
import { quote } from "./quote.js";
import { selection } from "./selection.js";

const TYPING_MS = 250;
const placing = new Once();

export function openOrder(onPlaced) {
  const form = byId("order");
  const requote = debounced(() => quote(currentOrder), TYPING_MS);
  const changed = () => {
    byId("generate").disabled = true; // Nobody orders at a price that is not in sight.
    requote();
  };
  form.addEventListener("input", changed);
  selection.addEventListener("change", changed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!byId("generate").disabled) place(onPlaced).then(requote);
  });
  const wide = matchMedia("(min-width: 60rem)");
  const fit = () => (byId("options").open = wide.matches);
  wide.addEventListener("change", fit);
  fit();
}

async function currentOrder() {
  const prompt = byId("prompt").value.trim();
  return {
    projectId: await projectId(),
    generationType: "GALLERY_REFERENCE",
    selectedPoseIds: selection.list.map((pose) => pose.id),
    batchSize: byId("variations").valueAsNumber,
    outputFormats: chosenFormats(),
    ...(prompt && { prompt }),
  };
}

async function place(onPlaced) {
  byId("generate").disabled = true;
  byId("order").setAttribute("aria-busy", "true");
  try {
    const order = await currentOrder();
    const poses = selection.list;
    const placed = await placing.send(JSON.stringify(order), (headers) => post("generate", order, { headers }));
    dismiss();
    onPlaced(placed, order, poses);
    selection.clear();
  } catch (error) {
    tell(error);
  } finally {
    byId("order").removeAttribute("aria-busy");
  }
}
