/** Everything the Studio says, in the chosen language; numbers, times and sizes as its readers write them. */

const LOADERS = { en: () => import("./en.js"), id: () => import("./id.js") };
const KEY = "posegen.language";
const GROUPS = { en: "en", id: "id" };

export const LANGUAGES = { en: "English", id: "Bahasa Indonesia" };
export const language = LOADERS[document.documentElement.lang] ? document.documentElement.lang : "en";

const { words } = await LOADERS[language]();
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(GROUPS[language]);
const moments = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const days = new Intl.DateTimeFormat(language, { dateStyle: "medium" });

export const number = (value) => numbers.format(value);
const shares = new Intl.NumberFormat(GROUPS[language], { style: "percent", maximumFractionDigits: 1 });

export const percent = (share) => shares.format(share);
export const moment = (iso) => moments.format(new Date(iso));
export const day = (iso) => days.format(new Date(iso));
export const has = (key) => key in words;

/** The sentence of that name. `{count}` chooses between singular and plural and is written as a number. */
export function t(key, values = {}) {
  const found = words[key];
  if (found === undefined) throw new Error(`no words for ${key}`);
  const text = typeof found === "string" ? found : (found[plurals.select(values.count)] ?? found.other);
  return text.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? number(values[name]) : values[name]));
}

/** A failure in the reader's language; the service itself speaks English. */
export function sentence(code, message) {
  const key = `failure.${code}`;
  if (language === "en" && message) return message;
  return has(key) ? t(key) : (message ?? t("failure.INTERNAL"));
}

export function duration(seconds) {
  if (seconds < 1) return t("time.moment");
  if (seconds < 90) return t("time.seconds", { count: Math.ceil(seconds) });
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? t("time.minutes", { count: minutes }) : t("time.hours", { count: Math.round(minutes / 60) });
}

export function size(bytes) {
  return bytes < 1e6 ? `${number(Math.ceil(bytes / 1e3))}\u00a0kB` : `${number(Math.round(bytes / 1e5) / 10)}\u00a0MB`;
}

/** What the service names in English, where we have words for it. */
export const named = (kind, id, fallback) => (has(`${kind}.${id}`) ? t(`${kind}.${id}`) : fallback);

export function choose(wanted) {
  localStorage.setItem(KEY, wanted);
  location.reload();
}
