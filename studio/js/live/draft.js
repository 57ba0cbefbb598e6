/** The order as it is being put together; kept in the tab, so that a reload loses nothing. Says "change". */

const KEY = "posegen.draft";
const KEPT_OF_A_POSE = ["id", "name", "description", "thumbnailUrl", "controlnetImageUrl", "isPremium"];
const EMPTY = {
  mode: "library",
  poses: [],
  textPrompt: "",
  prompt: "",
  variations: 2,
  formats: ["instagram_feed", "shopee_product"],
  projectId: null,
  avatarId: null,
  background: { mode: "keep", color: "#ffffff", prompt: "", image: null },
  seed: "",
};

class Draft extends EventTarget {
  #value = { ...EMPTY, ...JSON.parse(sessionStorage.getItem(KEY)) };

  get now() {
    return this.#value;
  }

  set(changed) {
    this.#value = { ...this.#value, ...changed };
    sessionStorage.setItem(KEY, JSON.stringify(this.#value));
    this.dispatchEvent(new CustomEvent("change", { detail: Object.keys(changed) }));
  }

  has(poseId) {
    return this.#value.poses.some(({ id }) => id === poseId);
  }

  toggle(pose) {
    const kept = Object.fromEntries(KEPT_OF_A_POSE.map((name) => [name, pose[name]]));
    const without = this.#value.poses.filter(({ id }) => id !== pose.id);
    this.set({ mode: "library", poses: this.has(pose.id) ? without : [...this.#value.poses, kept] });
  }

  get isText() {
    return this.#value.mode === "text";
  }

  /** Whether there is anything to order yet. */
  get isEmpty() {
    return this.isText ? !this.#value.textPrompt.trim() : this.#value.poses.length === 0;
  }

  /** After it was placed: the choices stay, what was chosen goes. */
  done() {
    this.set({ poses: [], textPrompt: "" });
  }

  /** The request's body. */
  order() {
    const { poses, textPrompt, prompt, variations, formats, projectId, avatarId, seed } = this.#value;
    return {
      projectId,
      batchSize: variations,
      outputFormats: formats,
      ...(this.isText
        ? { generationType: "TEXT_DESCRIPTION", textPrompt: textPrompt.trim() }
        : { generationType: "GALLERY_REFERENCE", selectedPoseIds: poses.map(({ id }) => id) }),
      ...(!this.isText && prompt.trim() && { prompt: prompt.trim() }),
      ...(avatarId && { avatarId }),
      ...(seed !== "" && { seed: Number(seed) }),
      ...backgroundFields(this.#value.background),
    };
  }
}

export function backgroundFields({ mode, color, prompt, image }) {
  if (mode === "keep") return {};
  const how = { solid_color: { backgroundColor: color }, ai_generate: { backgroundPrompt: prompt.trim() }, upload: { backgroundImageUrl: image?.id } };
  return { useBackgroundChanger: true, backgroundMode: mode, ...how[mode] };
}

export const draft = new Draft();
