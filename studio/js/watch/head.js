/** How far a generation is, what it cost, and what can be done to it. */

import { el, fill } from "../core/dom.js";
import { labelOf } from "../live/formats.js";
import { announce } from "../parts/notice.js";
import { duration, moment, number, t } from "../words/words.js";
import { Controls } from "./controls.js";

const SPOKEN_STEP = 25;

export class Head {
  #spoken = 0;

  constructor(one, selection) {
    this.one = one;
    this.title = el("span", {});
    this.state = el("span", { class: "state" });
    this.counts = el("p", { class: "numbers" });
    this.time = el("p", { class: "soft numbers" });
    this.bar = el("progress", { max: 100, value: 0, "aria-label": t("watch.progress") });
    this.problem = el("p", { class: "error" });
    this.controls = new Controls(one, selection);
    this.facts = el("dl", { class: "facts" });
    this.element = el("div", { class: "watch-head" },
      el("div", { class: "watch-line" }, this.state, this.counts, this.time, this.controls.row),
      this.bar, this.problem);
  }

  draw() {
    const { one } = this;
    this.element.dataset.status = one.status;
    this.title.textContent = one.row?.textPrompt ?? t("pictures", { count: one.total });
    this.state.textContent = t(`state.${one.status}`);
    this.counts.textContent = counts(one);
    this.bar.value = one.over ? 100 : one.percentage;
    this.bar.classList.toggle("quiet", one.over);
    this.problem.textContent = one.error ? t(`failure.${one.error}`) : "";
    this.problem.hidden = !one.error;
    this.controls.draw();
    this.drawTime();
    this.#drawFacts();
    this.#speak();
  }

  drawTime() {
    const { one } = this;
    const left = one.status === "processing" && one.secondsLeft !== null && t("watch.left", { time: duration(one.secondsLeft) });
    this.time.textContent = one.over ? money(one) : left || "";
  }

  /** To screen readers every quarter, not every picture. */
  #speak() {
    const step = Math.floor(this.one.percentage / SPOKEN_STEP);
    if (step > this.#spoken && !this.one.over) announce(this.counts.textContent);
    this.#spoken = step;
  }

  #drawFacts() {
    const { row } = this.one;
    if (!row) return;
    const facts = [
      ["watch.when", row.createdAt && moment(row.createdAt)],
      ["watch.style", row.prompt],
      ["watch.formats", row.outputFormats?.map(labelOf).join(", ")],
      ["watch.seed", row.seed],
      ["watch.number", row.id],
    ];
    fill(this.facts, facts.filter(([, value]) => value != null && value !== "").map(([name, value]) =>
      el("div", {}, el("dt", {}, t(name)), el("dd", {}, String(value)))));
  }
}

function counts(one) {
  const made = t(one.over ? "watch.made" : "watch.of", { completed: one.completed, total: one.total });
  return one.failed > 0 ? `${made} · ${t("watch.failed", { count: one.failed })}` : made;
}

function money(one) {
  if (!one.charged) return "";
  const paid = t("credits", { count: one.charged - one.refunded });
  return one.refunded > 0 ? `${paid} · ${t("watch.refunded", { credits: number(one.refunded) })}` : paid;
}
