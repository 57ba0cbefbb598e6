/** What the order would make and cost, asked of the server at every change: the page knows no price. */

import { latest, post } from "./api.js";
import { byId, el } from "./dom.js";
import { selection } from "./selection.js";
import { duration, number, plural } from "./words.js";

const ask = latest((signal, order) => post("generate?dryRun=true", order, { signal }));

/** Whether the order can be placed as it is. */
export async function quote(currentOrder) {
  if (!selection.size) return show([]);
  const variations = byId("variations");
  if (!variations.validity.valid) return show(problem({ message: `Variations: ${variations.validationMessage}` }));
  try {
    const priced = await ask(await currentOrder());
    if (!priced) return; // A newer question is on its way.
    show(priceLines(priced), priced.affordable);
  } catch (error) {
    show(problem(error));
  }
}

function show(lines, orderable = false) {
  byId("quote").replaceChildren(...lines);
  byId("generate").disabled = !orderable;
}

function priceLines({ totalPosesExpected, creditCost, balance, affordable, estimatedCompletionTime }) {
  const seconds = (new Date(estimatedCompletionTime) - Date.now()) / 1000;
  const pictures = plural(totalPosesExpected, "picture");
  const price = el("p", { class: "price" }, el("strong", {}, pictures), el("strong", {}, plural(creditCost, "credit")));
  if (affordable) {
    const rest = creditCost ? ` · ${number(balance - creditCost)} credits left after` : "";
    return [price, el("p", { class: "hint" }, `Ready in about ${duration(seconds)}${rest}`)];
  }
  const short = creditCost ? `You have ${number(balance)} credits, ${number(creditCost - balance)} too few.`
    : "This is more than your daily quota has left.";
  return [price, el("p", { class: "problem" }, short)];
}

function problem(error) {
  const words = error.details?.suggestedKeywords?.slice(0, 8).join(", ");
  return [el("p", { class: "problem" }, error.message), words && el("p", { class: "hint" }, `Try: ${words}`)]
    .filter(Boolean);
}
