/** The painter's icons, drawn with lines on a grid of 24. */

const SVG = "http://www.w3.org/2000/svg";

const SHAPES = {
  brush: "M9.5 14.5 18.8 4.6a1.9 1.9 0 0 1 2.7 2.7L12 16.7 M9.5 14.5c-3.2 0-4.3 2-4.3 3.9 0 1-.7 1.7-1.7 1.9 3.6 1.4 8.4.6 8.5-3.6a2.5 2.5 0 0 0-2.5-2.2Z",
  eraser: "m8.5 20-4.6-4.6a1.8 1.8 0 0 1 0-2.6l8.9-8.9a1.8 1.8 0 0 1 2.6 0l4.7 4.7a1.8 1.8 0 0 1 0 2.6L11.3 20 M8.5 20H20 M8.4 8.4l7.2 7.2",
  undo: "M8 4.5 3.5 9 8 13.5 M3.5 9h10.2a5.3 5.3 0 0 1 0 10.6H9",
  redo: "m16 4.5 4.5 4.5-4.5 4.5 M20.5 9H10.3a5.3 5.3 0 0 0 0 10.6H15",
  invert: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z M12 3.5v17 M12 7.5h5.9 M12 11.5h8.4 M12 15.5h7",
  fill: "M4 6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2Z M4.5 15 15 4.5 M4.5 19.5l15-15 M9 19.5 19.5 9",
  clear: "M4 7h16 M9.5 7V4.5h5V7 M6.5 7l.8 12.5h9.4L17.5 7 M10.2 10.5v5.5 M13.8 10.5v5.5",
  closer: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z M20.5 20.5l-5.3-5.3 M10.5 7.5v6 M7.5 10.5h6",
  farther: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z M20.5 20.5l-5.3-5.3 M7.5 10.5h6",
  fit: "M4 9V5.5A1.5 1.5 0 0 1 5.5 4H9 M15 4h3.5A1.5 1.5 0 0 1 20 5.5V9 M20 15v3.5a1.5 1.5 0 0 1-1.5 1.5H15 M9 20H5.5A1.5 1.5 0 0 1 4 18.5V15",
};

/** @typedef {keyof typeof SHAPES} IconName */

/** @param {IconName} name @returns {SVGSVGElement} */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}
