/** One tab stop for a whole grid; arrow keys, Home and End go through it. */

const STEPS = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

export function walkable(grid) {
  grid.addEventListener("filled", () => enter(grid, grid.querySelector(".current") ?? grid.firstElementChild));
  grid.addEventListener("focusin", ({ target }) => enter(grid, target.closest("li")));
  grid.addEventListener("keydown", (event) => {
    const cells = [...grid.children];
    const here = cells.indexOf(event.target.closest("li"));
    const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
    const step = STEPS[event.key] ?? { ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (!step || here < 0) return;
    event.preventDefault();
    const wanted = Math.abs(step) === Infinity ? Math.max(0, Math.min(cells.length - 1, step)) : here + step;
    cells[wanted]?.querySelector("button").focus();
  });
}

function enter(grid, cell) {
  if (!cell?.querySelector("button")) return;
  for (const old of grid.querySelectorAll(".current")) {
    old.classList.remove("current");
    setStops(old, -1);
  }
  cell.classList.add("current");
  setStops(cell, 0);
}

function setStops(cell, tabIndex) {
  for (const button of cell.querySelectorAll("button")) button.tabIndex = tabIndex;
}
