/** Views that stay as they were left, with what they had loaded and where they were scrolled to. */

const kept = new Map();

export const get = (key) => kept.get(key);
export const keep = (key, view) => (kept.set(key, view), view);
