/**
 * A paid request, done once: as long as nobody knows whether it was carried out, trying again with the same
 * content repeats it under the same Idempotency-Key. Kept in the tab, so a reload does not forget it.
 */

const KEY = "posegen.unsure.";

export class Once {
  constructor(name) {
    this.name = KEY + name;
  }

  async send(content, request) {
    const unsure = JSON.parse(sessionStorage.getItem(this.name));
    const attempt = unsure?.content === content ? unsure : { content, key: drawKey() };
    sessionStorage.setItem(this.name, JSON.stringify(attempt));
    try {
      const answer = await request({ "Idempotency-Key": attempt.key });
      sessionStorage.removeItem(this.name);
      return answer;
    } catch (error) {
      if (!error.unclear) sessionStorage.removeItem(this.name);
      throw error;
    }
  }
}

/** Not randomUUID, which exists on https and localhost only. */
function drawKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
