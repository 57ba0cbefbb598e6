/**
 * The token: taken from the link's fragment, out of sight at once, kept in this browser until signed out.
 * What it says of its bearer only decides what is offered; what is allowed the service decides.
 */

const KEY = "posegen.token";
const REASON = "posegen.signed-out";

export function take() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!given) return false;
  keep(given);
  history.replaceState(null, "", location.pathname + location.search);
  return true;
}

export const keep = (token) => localStorage.setItem(KEY, token.trim());
export const read = () => localStorage.getItem(KEY);

/** The page starts anew without it, and says why. */
export function forget(reason = "") {
  localStorage.removeItem(KEY);
  sessionStorage.setItem(REASON, reason);
  location.reload();
}

export const reasonForgotten = () => {
  const reason = sessionStorage.getItem(REASON);
  sessionStorage.removeItem(REASON);
  return reason;
};

/** Another tab signed in as somebody else, or out. */
export function onChange(work) {
  addEventListener("storage", ({ key }) => key === KEY && work());
}

export const bearer = () => {
  const { sub, userId, role } = claims();
  return { id: String(sub ?? userId ?? ""), isAdmin: role === "admin" };
};

function claims() {
  try {
    const body = read().split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(body), (letter) => letter.codePointAt(0))));
  } catch {
    return {};
  }
}
