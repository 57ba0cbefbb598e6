/** The page's elements. Text is always text, never markup. */

export const byId = (id) => document.getElementById(id);

/** Properties named on… are listeners; null, undefined and false leave an attribute out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...solid(children));
  return element;
}

export function fill(element, ...children) {
  element.replaceChildren(...solid(children));
  return element;
}

const solid = (children) => children.flat(Infinity).filter((child) => child != null && child !== false && child !== "");

/** Calls `work` once nothing has happened for a while. */
export function debounced(work, delayMs) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), delayMs);
  };
}

/** An id of its own, to tie a label to its control. */
let last = 0;
export const newId = (stem) => `${stem}-${++last}`;
