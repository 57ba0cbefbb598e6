/** Numbers, times and states as a person says them. */

const numbers = new Intl.NumberFormat("en");
const moments = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

const STATES = {
  pending: "Starting",
  processing: "In work",
  paused: "Paused",
  completed: "Done",
  partial: "Done, some failed",
  failed: "Failed",
  cancelled: "Cancelled",
};

export const number = (value) => numbers.format(value);
export const moment = (iso) => moments.format(new Date(iso));
export const state = (status) => STATES[status] ?? status;

export function plural(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`;
}

export function duration(seconds) {
  if (seconds < 1) return "a moment";
  if (seconds < 90) return plural(Math.ceil(seconds), "second");
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? plural(minutes, "minute") : `${plural(Math.round(minutes / 60), "hour")}`;
}

export function size(bytes) {
  return bytes < 1e6 ? `${number(Math.ceil(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** instagram_story -> Instagram story, until the formats are known by their labels. */
export function title(name) {
  const text = name.replaceAll("_", " ");
  return text[0].toUpperCase() + text.slice(1);
}
