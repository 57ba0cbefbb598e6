/**
 * A paid request, done once: as long as nobody knows whether it was carried out, trying again with the same
 * content repeats it under the same Idempotency-Key.
 */

export class Once {
  #unsure = null;

  async send(content, request) {
    const attempt = this.#unsure?.content === content ? this.#unsure : { content, key: drawKey() };
    this.#unsure = attempt;
    try {
      const answer = await request({ "Idempotency-Key": attempt.key });
      this.#unsure = null;
      return answer;
    } catch (error) {
      if (!error.unclear) this.#unsure = null;
      throw error;
    }
  }
}

/** Not randomUUID, which exists on https and localhost only. */
function drawKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
