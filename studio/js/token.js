/** The token: taken from the link's fragment, out of sight at once, kept for this tab only. */

const KEY = "posegen.token";

export function take() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!given) return false;
  keep(given);
  history.replaceState(null, "", location.pathname + location.search);
  return true;
}

export const keep = (token) => sessionStorage.setItem(KEY, token.trim());
export const read = () => sessionStorage.getItem(KEY);
export const forget = () => sessionStorage.removeItem(KEY);
