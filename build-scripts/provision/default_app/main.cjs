// The app that a bare Electron starts with: it loads the app that the command line names, a folder
// with a package.json or a script, as the `electron` command of Electron's own package does.
// `-r MODULE` loads a module before it.
"use strict";

const { app } = require("electron");
const { existsSync, readFileSync, statSync } = require("node:fs");
const { join, resolve } = require("node:path");

function load(named) {
  const place = resolve(named);
  const manifest = join(place, "package.json");
  if (statSync(place).isDirectory() && existsSync(manifest)) {
    const { name, productName, version } = JSON.parse(readFileSync(manifest, "utf8"));
    if (productName ?? name) app.setName(productName ?? name);
    if (version) app.setVersion(version);
    app.setAppPath(place);
  }
  process.defaultApp = true;
  require(place);
}

const words = process.argv.slice(1);
const option = words.indexOf("-r");
const [, before] = option < 0 ? [] : words.splice(option, 2);
const named = words.find((word) => !word.startsWith("-"));
if (named === undefined) {
  process.stderr.write("Name an app: electron FOLDER or electron SCRIPT\n");
  app.exit(64);
} else {
  if (before !== undefined) require(resolve(before));
  load(named);
}
