/** A picture of one's own: chosen or dropped, sent at once, shown as the service has it. */

import { post } from "../core/api.js";
import { el, fill, newId } from "../core/dom.js";
import { t } from "../words/words.js";
import { icon } from "./icons.js";

const ACCEPTED = "image/jpeg,image/png,image/webp";

export function upload(label, purpose, onFile, known = null) {
  const wrong = el("p", { class: "error", role: "alert", hidden: true });
  const complain = (text) => (fill(wrong, text && icon("warning"), text), (wrong.hidden = !text));
  const input = el("input", { type: "file", id: newId("file"), class: "unseen", accept: ACCEPTED, "aria-label": label, onchange: () => send(input.files[0]) });
  const face = el("span", { class: "upload-face" });
  const area = el("label", { class: "upload", for: input.id, ondragover: (event) => event.preventDefault(), ondrop: dropped }, face);
  const draw = (file) => fill(face, file?.url ? el("img", { src: file.url, alt: label, width: 120, height: 120 }) : [icon("up"), el("span", {}, label), el("span", { class: "hint" }, t("upload.hint"))]);

  function dropped(event) {
    event.preventDefault();
    send(event.dataTransfer.files[0]);
  }

  async function send(file) {
    if (!file) return;
    complain("");
    area.setAttribute("aria-busy", "true");
    const form = new FormData();
    form.append("purpose", purpose);
    form.append("file", file);
    try {
      const answer = (await post("uploads", form)).upload;
      draw(answer);
      onFile(answer);
    } catch (error) {
      complain(error.message);
    } finally {
      area.removeAttribute("aria-busy");
    }
  }

  draw(known);
  return { element: el("div", { class: "field" }, input, area, wrong), complain };
}
