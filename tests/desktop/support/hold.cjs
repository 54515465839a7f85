// Loaded before the app: keeps it from opening its window until Playwright watches, which would
// miss it otherwise. Playwright calls `__playwright_run` once it is ready.
"use strict";

const { app } = require("electron");

const ready = app.whenReady();
const watched = new Promise((resolve) => {
  globalThis.__playwright_run = () => {
    resolve(ready);
  };
});
app.whenReady = () => watched;
