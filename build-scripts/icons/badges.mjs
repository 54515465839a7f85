// The states that the tray shows. Each has a form of its own beside its colour, because not
// everybody sees the colours and macOS draws none. Coordinates are those of tray.svg, 32 by 32.
const CENTRE = { x: 23.5, y: 23.5 };

const disc = (radius, fill) =>
  `<circle cx="${CENTRE.x}" cy="${CENTRE.y}" r="${radius}" fill="${fill}"/>`;
const line = (path, colour) =>
  `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2.4" stroke-linecap="round"/>`;

/** What is drawn inside the badge, in the given colour. */
const MARKS = {
  warning: (colour) =>
    line("M23.5 19.3v4.8", colour) + `<circle cx="23.5" cy="27.7" r="1.5" fill="${colour}"/>`,
  failed: (colour) => line("M20.4 20.4l6.2 6.2M26.6 20.4l-6.2 6.2", colour),
  paused: (colour) => line("M21.4 20.2v6.6M25.6 20.2v6.6", colour),
};

const COLOURS = { warning: "#b36b00", failed: "#cf2e2e", paused: "#5b6b7a" };

/** All is well without a badge. */
export const STATES = ["ok", ...Object.keys(COLOURS)];

/** Puts something on top of a drawing. */
function over(drawing, extra) {
  return drawing.replace("</svg>", `${extra}</svg>`);
}

/** The tray icon in colour, for Linux and Windows. */
export function coloured(tray, state) {
  if (state === "ok") return tray;
  return over(tray, disc(8.5, "#ffffff") + disc(7.5, COLOURS[state]) + MARKS[state]("#ffffff"));
}

/** The tray icon as macOS wants it: the badge is cut out of the line below it. */
export function template(tray, state) {
  if (state === "ok") return tray;
  const hole =
    '<defs><mask id="hole"><rect width="32" height="32" fill="#fff"/>' +
    `${disc(9.5, "#000")}</mask><mask id="mark"><rect width="32" height="32" fill="#fff"/>` +
    `${MARKS[state]("#000")}</mask></defs>`;
  const below = tray.replace(/<path/, '<path mask="url(#hole)"');
  const badge = `<g mask="url(#mark)">${disc(7.5, "#000")}</g>`;
  return over(below, hole + badge);
}
