/** All generations of the page: the running ones live from the stream, earlier ones from the history. */

import { refreshBalance } from "./account.js";
import { get } from "./api.js";
import { Card } from "./card.js";
import { byId } from "./dom.js";
import { tell } from "./notice.js";

const PAGE_SIZE = 10;
const RESULTS_PAGE_SIZE = 200;
const SILENCE_MS = 3000;

const cards = new Map();
let cursor = null;

export function openGenerations() {
  byId("older").addEventListener("click", () => history().catch(tell));
  setInterval(() => running().forEach((card) => card.draw()), 1000);
  return history().catch(tell);
}

export function hear(event) {
  const isNew = !cards.has(event.generationId);
  const card = cardOf(event.generationId);
  card.hear(event);
  if (isNew) {
    card.details.open = true;
    read(card);
  }
  if (card.over || event.status === "failed") refreshBalance();
}

/** An order of this page: its tiles show at once which poses are to come. */
export function placed(answer, order, poses) {
  const card = cardOf(answer.generationId);
  if (order) card.tiles.poseAt = (index) => poses[Math.floor(index / order.batchSize)];
  if (!card.heard) {
    card.know({
      status: answer.status,
      totalExpectedPoses: answer.totalPosesExpected,
      creditCharged: answer.creditCharged,
      prompt: order?.prompt,
      createdAt: new Date().toISOString(),
    });
    card.tiles.reset(answer.totalPosesExpected);
  }
  card.details.open = true;
  card.element.scrollIntoView({ block: "nearest" });
  refreshBalance();
}

/** A stream that was away may have missed an end: who stays silent is asked. */
export function askTheSilent() {
  running().forEach((card) => (card.heard = false));
  setTimeout(() => running().filter((card) => !card.heard).forEach(read), SILENCE_MS);
}

async function read(card) {
  await get(`generations/${card.id}`).then(({ generation }) => card.know(generation), tell);
  if (card.details.open) fill(card);
}

async function history() {
  const page = await get(`generations?${new URLSearchParams({ limit: PAGE_SIZE, ...(cursor && { cursor }) })}`);
  for (const row of page.generations) {
    const card = cardOf(row.id);
    card.know(row);
    card.details.open ||= !card.over;
  }
  cursor = page.nextCursor;
  byId("older").hidden = !cursor;
  byId("none-yet").hidden = cards.size > 0;
}

/** Ids sort by time: the newest stands first. */
function cardOf(id) {
  if (!cards.has(id)) {
    const card = new Card(id, { onNews: countRunning, onOpen: fill, onRetried: (answer) => placed(answer) });
    const older = [...byId("generations").children].find((element) => element.id < id);
    byId("generations").insertBefore(card.element, older ?? null);
    cards.set(id, card);
    byId("none-yet").hidden = true;
  }
  return cards.get(id);
}

/** The tiles of a finished generation are read when someone wants to see them. */
async function fill(card) {
  if (!card.over || card.filled) return;
  card.filled = true;
  card.tiles.reset(card.total);
  try {
    let next = null;
    do {
      const query = new URLSearchParams({ limit: RESULTS_PAGE_SIZE, ...(next && { cursor: next }) });
      const page = await get(`generations/${card.id}/results?${query}`);
      page.results.forEach((item) => card.tiles.show(item));
      next = page.nextCursor;
    } while (next);
    card.tiles.close();
  } catch (error) {
    card.filled = false;
    tell(error);
  }
}

const running = () => [...cards.values()].filter((card) => !card.over);

function countRunning() {
  const count = running().length;
  byId("running").textContent = count;
  byId("running").hidden = count === 0;
}
