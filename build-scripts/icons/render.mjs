// Draws every icon of the desktop app from electron/icons/*.svg:
// `node build-scripts/icons/render.mjs [FOLDER]`, FOLDER being dist/electron/icons if not given.
import { Buffer } from "node:buffer";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

import { initWasm, Resvg } from "@resvg/resvg-wasm";

import { coloured, STATES, template } from "./badges.mjs";
import { icns, ico } from "./containers.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
const SOURCES = join(ROOT, "electron", "icons");
const SIZES = [16, 20, 24, 32, 40, 48, 64, 96, 128, 256, 512, 1024];
const ICO_SIZES = [16, 20, 24, 32, 40, 48, 64, 128, 256];
const TRAY_ICO_SIZES = [16, 20, 24, 32, 48];
const SMALL_BELOW = 48;
// Apple's grid leaves a margin around the mark: 824 of 1024.
const APPLE_MARGIN = (1024 - 824) / 2;

function source(name) {
  return readFileSync(join(SOURCES, `${name}.svg`), "utf8");
}

function png(drawing, pixels) {
  const picture = new Resvg(drawing, { fitTo: { mode: "width", value: pixels } });
  return Buffer.from(picture.render().asPng());
}

/** The same drawing with Apple's margin around it. */
function withAppleMargin(drawing) {
  const side = 1024 + (2 * APPLE_MARGIN * 1024) / 824;
  const start = (1024 - side) / 2;
  return drawing.replace('viewBox="0 0 1024 1024"', `viewBox="${start} ${start} ${side} ${side}"`);
}

function renderApp(write) {
  const [large, small] = [source("app"), source("app-small")];
  const draw = (pixels) => png(pixels < SMALL_BELOW ? small : large, pixels);
  for (const pixels of SIZES) write(`sizes/${pixels}x${pixels}.png`, draw(pixels));
  write("icon.png", draw(256));
  write("icon.ico", ico(ICO_SIZES.map((pixels) => [pixels, draw(pixels)])));
  const apple = withAppleMargin(large);
  write(
    "icon.icns",
    icns((pixels) => png(apple, pixels)),
  );
}

function renderTray(write) {
  const [plain, apple] = [source("tray"), source("tray-template")];
  for (const state of STATES) {
    const drawing = coloured(plain, state);
    // Electron finds the double density by the name.
    write(`tray-${state}.png`, png(drawing, 22));
    write(`tray-${state}@2x.png`, png(drawing, 44));
    write(`tray-${state}.ico`, ico(TRAY_ICO_SIZES.map((pixels) => [pixels, png(drawing, pixels)])));
    const mask = template(apple, state);
    write(`tray-${state}-Template.png`, png(mask, 16));
    write(`tray-${state}-Template@2x.png`, png(mask, 32));
  }
}

const target = resolve(process.argv[2] ?? join(ROOT, "dist", "electron", "icons"));
mkdirSync(join(target, "sizes"), { recursive: true });
const wasm = createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm");
await initWasm(readFileSync(wasm));
const write = (name, content) => writeFileSync(join(target, name), content);
renderApp(write);
renderTray(write);
