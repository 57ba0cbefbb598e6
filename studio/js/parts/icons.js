/** Line icons, drawn here so that nothing is loaded for them. They decorate; words say what is meant. */

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  pose: "M12 5.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM4.500 8.500 12 10l7.500-1.500M12 10v5M12 15l-4 7.500M12 15l4 7.500",
  words: "M4 6h16M4 11h16M4 16h9",
  pictures: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  credits: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM15 8.500c-.6-.9-1.700-1.300-3-1.300-1.700 0-3 .8-3 2.300 0 3.200 6.200 1.500 6.200 4.800 0 1.500-1.400 2.500-3.200 2.500-1.500 0-2.700-.6-3.200-1.600M12 5.500v13",
  wishes: "M5 4h14v12h-8l-4 4v-4H5zM12 7v6M9 10h6",
  operator: "M3 12h4l2.500-7 4.500 14 2.500-7H21",
  heart: "M12 20s-7.500-4.600-7.500-10A4.300 4.300 0 0 1 12 7.400 4.300 4.300 0 0 1 19.500 10c0 5.400-7.500 10-7.500 10Z",
  check: "M4.500 12.500 10 18 20 6.500",
  close: "M6 6l12 12M18 6 6 18",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  search: "M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13ZM15.500 15.500 21 21",
  bones: "M12 3.500v6M6 7.500l6 2 6-2M12 9.500v5l-3.500 6M12 14.500l3.500 6",
  pause: "M8 5v14M16 5v14",
  play: "M7 4.500v15l12-7.500z",
  stop: "M6 6h12v12H6z",
  again: "M4 12a8 8 0 1 0 2.500-5.800M4 4v4.500h4.500",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  share: "M12 15V4M8 7.500 12 4l4 3.500M6 11H5v9h14v-9h-1",
  zoom: "M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13ZM15.500 15.500 21 21M10.500 7.500v6M7.500 10.500h6",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5",
  warning: "M12 4 2.500 20h19zM12 10v5M12 17.500v.5",
  plus: "M12 5v14M5 12h14",
  up: "M12 19V6M6 12l6-6 6 6",
  offline: "M4 4l16 16M8.500 12.500a6 6 0 0 1 2-1.200M5 9a11 11 0 0 1 3-2M12 17.500v.5M19 9a11 11 0 0 0-7-2.500M15.500 12.500l-1-.8",
  layers: "M12 3 3 8l9 5 9-5zM3 13l9 5 9-5",
  select: "M5 5h14v14H5zM8.500 12.200l2.500 2.500 4.500-5",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
