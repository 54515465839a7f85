// How electron-builder packs the desktop app. Started by build-scripts/build_desktop.py, which
// builds what is packed, names the Electron to use, and makes the .deb and .tar.gz of Linux.
"use strict";

const { readdirSync, readFileSync, rmSync } = require("node:fs");
const { join } = require("node:path");

const environment = process.env;
const dist = environment.LLAMA_RUNNER_PRO_DIST ?? join(__dirname, "..", "dist");
const icons = join(dist, "electron", "icons");

// Where packed apps look for newer versions. Only a release knows that; a build without it has
// no updater: it never asks a place that nobody keeps.
const updateUrl = environment.LLAMA_RUNNER_PRO_UPDATE_URL;

// Set by build_desktop.py from the Electron that is packed; what it cannot do is left out.
const electronMajor = Number(environment.LLAMA_RUNNER_PRO_ELECTRON_MAJOR ?? 45);
const FIRST_WITH_FILE_FUSE = 29;

// A build that tests can attach to. Nothing made with it is ever a release.
const inspectable = environment.LLAMA_RUNNER_PRO_INSPECTABLE === "1";

const systems = { linux: "linux", darwin: "macos", win32: "windows" };
// A package is made on the system that it is for.
const system = systems[process.platform];

const x64AndArm64 = (...targets) => targets.map((target) => ({ target, arch: ["x64", "arm64"] }));

/** What the menu entry of Linux says, but for what depends on how the app was installed. */
function desktopEntry() {
  const text = readFileSync(join(__dirname, "linux", "llama-runner-pro.desktop"), "utf8");
  const pairs = text.split("\n").map((line) => /^(\w+)=(.*)$/.exec(line));
  const own = ["Exec", "Icon", "MimeType", "Type", "Version"];
  return Object.fromEntries(
    pairs.filter((pair) => pair && !own.includes(pair[1])).map(([, key, value]) => [key, value]),
  );
}

/** What an unpacked Electron may hold beside itself: marks, and an app to play with. */
function tidy({ appOutDir, packager }) {
  rmSync(join(packager.getResourcesDir(appOutDir), "default_app.asar"), { force: true });
  const entries = readdirSync(appOutDir, { withFileTypes: true });
  for (const entry of entries.filter((found) => found.isFile() && found.name.startsWith("."))) {
    rmSync(join(appOutDir, entry.name));
  }
}

/** @type {import("electron-builder").Configuration} */
module.exports = {
  appId: "pro.llamarunner.desktop",
  // Without a space: it names folders, and files on servers that turn spaces into dots.
  productName: "LlamaRunnerPro",
  copyright: "Copyright © 2026 The LlamaRunner Pro authors",
  artifactName: `llama-runner-pro-\${version}-${system}-\${arch}.\${ext}`,
  // The project folder is one that build_desktop.py lays out: the bundles and a package.json that
  // names no package, for all that the app uses is bundled.
  directories: {
    output: join(dist, inspectable ? "desktop-inspectable" : "desktop"),
    buildResources: __dirname,
  },
  files: [
    "dist/electron/**",
    "!dist/electron/icons/sizes",
    "!dist/electron/icons/icon.icns",
    "!**/*.map",
    "package.json",
  ],
  extraMetadata: { desktopName: "llama-runner-pro.desktop" },
  extraResources: [
    { from: join(dist, "backend"), to: "backend" },
    { from: join(icons, "sizes"), to: "icons" },
    { from: join(__dirname, "..", "LICENSE"), to: "LICENSE.llama-runner-pro.txt" },
  ],
  asar: true,
  compression: "normal",
  electronLanguages: ["en-US"],
  npmRebuild: false,
  // Before anything is signed or put into an installer.
  afterPack: tidy,
  removePackageScripts: true,
  forceCodeSigning: environment.LLAMA_RUNNER_PRO_MUST_SIGN === "1",
  // The static AppImage runtime: no libfuse2, and --no-sandbox only where nothing else works.
  toolsets: { appimage: "1.0.3" },
  publish: updateUrl ? [{ provider: "generic", url: updateUrl, channel: "latest" }] : null,
  generateUpdatesFilesForAllChannels: false,
  protocols: [{ name: "LlamaRunner Pro", schemes: ["llama-runner-pro"] }],

  electronFuses: {
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: inspectable,
    enableCookieEncryption: true,
    // Electron on Linux does not look.
    enableEmbeddedAsarIntegrityValidation: process.platform !== "linux",
    onlyLoadAppFromAsar: true,
    ...(electronMajor >= FIRST_WITH_FILE_FUSE ? { grantFileProtocolExtraPrivileges: false } : {}),
  },

  linux: {
    target: x64AndArm64("AppImage", "deb", "rpm", "tar.gz"),
    executableName: "llama-runner-pro",
    icon: join(icons, "sizes"),
    category: "Utility",
    synopsis: "Watches, heals, serves and shows local AI model servers",
    maintainer: "The LlamaRunner Pro authors <maintainers@llama-runner-pro.example>",
    vendor: "The LlamaRunner Pro authors",
    // Wayland finds the icon by it.
    syncDesktopName: true,
    desktop: { entry: desktopEntry() },
  },
  // `depends` stays unset: naming one package replaces the whole list of the builder.
  deb: {
    artifactName: "llama-runner-pro_${version}_${arch}.${ext}",
    packageCategory: "utils",
    priority: "optional",
  },
  rpm: { packageCategory: "Applications/System" },

  mac: {
    target: x64AndArm64("dmg", "zip"),
    icon: join(icons, "icon.icns"),
    category: "public.app-category.developer-tools",
    minimumSystemVersion: "13.0",
    hardenedRuntime: true,
    gatekeeperAssess: false,
    entitlements: join(__dirname, "entitlements.mac.plist"),
    entitlementsInherit: join(__dirname, "entitlements.mac.plist"),
    notarize: Boolean(environment.APPLE_API_KEY),
    darkModeSupport: true,
  },
  dmg: { sign: false, filesystem: "APFS" },

  win: {
    target: x64AndArm64("nsis", "portable"),
    icon: join(icons, "icon.ico"),
    executableName: "llama-runner-pro",
    requestedExecutionLevel: "asInvoker",
    // The sidecar's libraries as well: scanners look at each file by itself.
    signExts: [".pyd", ".dll"],
    verifyUpdateCodeSignature: true,
  },
  nsis: {
    oneClick: false,
    perMachine: false,
    allowToChangeInstallationDirectory: true,
    deleteAppDataOnUninstall: false,
    runAfterFinish: true,
    include: join(__dirname, "installer.nsh"),
    shortcutName: "LlamaRunner Pro",
    uninstallDisplayName: "LlamaRunner Pro ${version}",
    artifactName: "llama-runner-pro-${version}-windows-${arch}-setup.${ext}",
  },
  portable: { artifactName: "llama-runner-pro-${version}-windows-${arch}-portable.${ext}" },
};
