/** One generation: its state in words, its progress, what can be done to it, and its tiles. */

import { byId, el } from "./dom.js";
import { Controls } from "./controls.js";
import { announce } from "./notice.js";
import { Tiles } from "./tiles.js";
import { duration, moment, number, plural, state } from "./words.js";

const ENDS = ["completed", "partial", "failed", "cancelled"];

export class Card {
  constructor(id, { onNews, onOpen, onRetried }) {
    this.id = id;
    this.status = "pending";
    this.heard = false;
    this.filled = false;
    this.onNews = onNews;
    this.title = el("h2", { id: `title-${id}` }, "Pictures");
    this.when = el("span", { class: "hint" });
    this.state = el("span", { class: "state" });
    this.bar = el("progress", { "aria-label": "Progress" });
    this.numbers = el("span", { class: "numbers" });
    this.problem = el("p", { class: "problem", hidden: true });
    this.controls = new Controls(id, onRetried);
    this.tiles = new Tiles(el("ol", { class: "tiles" }));
    this.details = el("details", { ontoggle: () => this.details.open && onOpen(this) },
      el("summary", {}, this.title, this.when, this.state, this.bar, this.numbers),
      this.controls.row, this.problem, this.tiles.list);
    this.element = el("article", { class: "generation", id, "aria-labelledby": `title-${id}` }, this.details);
  }

  get over() {
    return ENDS.includes(this.status);
  }

  /** A row of the history, or the answer to an order. Of a running generation the stream knows more. */
  know({ createdAt, prompt, textPrompt, ...row }) {
    this.when.textContent = [createdAt && moment(createdAt), textPrompt ?? prompt].filter(Boolean).join(" · ");
    if (this.heard && !ENDS.includes(row.status)) return;
    this.#take({
      status: row.status,
      total: row.totalExpectedPoses,
      completed: row.posesCompleted,
      failed: row.posesFailed,
      charged: row.creditCharged,
      refunded: row.creditRefunded,
    });
  }

  hear(event) {
    this.heard = true;
    const wasOver = this.over;
    if (event.type === "snapshot" || this.tiles.size !== (event.total ?? this.tiles.size)) this.tiles.reset(event.total);
    if (event.type === "snapshot") event.items.forEach((item) => this.tiles.show(item));
    if (event.type === "item") this.tiles.show(event);
    else this.#take({
      status: event.currentStatus ?? (event.type === "started" ? "processing" : event.status),
      total: event.total,
      completed: event.completed,
      failed: event.failed,
      charged: event.creditCharged,
      refunded: event.creditRefunded,
      remaining: event.estimatedTimeRemaining,
      error: event.error,
    });
    if (this.over) this.#end(wasOver);
  }

  #end(wasOver) {
    this.filled = true;
    this.tiles.close();
    if (!wasOver) announce(`${this.title.textContent}: ${state(this.status)}. ${this.numbers.textContent}`);
  }

  /** What is told is known; what is not told stays as it was. */
  #take(told) {
    for (const [name, value] of Object.entries(told)) if (value !== undefined) this[name] = value;
    if (told.remaining !== undefined) this.readyAt = told.remaining === null ? null : Date.now() + told.remaining * 1000;
    this.draw();
    this.onNews();
  }

  draw() {
    const { status, total = 0, completed = 0, failed = 0 } = this;
    this.element.dataset.status = status;
    this.title.textContent = plural(total, "picture");
    this.state.textContent = state(status);
    this.bar.max = total || 1;
    this.bar.value = completed + failed;
    this.bar.hidden = this.over;
    this.numbers.textContent = (this.over ? this.#result() : this.#progress()).filter(Boolean).join(" · ");
    this.problem.textContent = this.error ?? "";
    this.problem.hidden = !this.error;
    this.controls.draw(status, this.over && completed < total);
  }

  #progress() {
    const seconds = this.readyAt && Math.max(0, (this.readyAt - Date.now()) / 1000);
    const left = this.status === "processing" && this.readyAt && `about ${duration(seconds)} left`;
    return [`${number(this.completed ?? 0)} of ${number(this.total)}`, this.failed > 0 && `${number(this.failed)} failed`, left];
  }

  #result() {
    return [
      this.completed < this.total ? `${number(this.completed)} of ${number(this.total)} made` : "All made",
      this.charged > 0 && `${number(this.charged - this.refunded)} credits`,
      this.refunded > 0 && `${number(this.refunded)} refunded`,
    ];
  }
}
