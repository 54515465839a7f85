/**
 * Electron's security checklist as rules: SECURITY.md has the table of its 20 points. What a page
 * may do is written in one place, and what is dangerous can only be used where it is checked.
 */

/** Options of windows and pages, each with the only value that may be written. */
const RIGHTS = new Map([
  ["sandbox", true],
  ["contextIsolation", true],
  ["webSecurity", true],
  ["nodeIntegration", false],
  ["nodeIntegrationInWorker", false],
  ["nodeIntegrationInSubFrames", false],
  ["webviewTag", false],
  ["allowRunningInsecureContent", false],
  ["experimentalFeatures", false],
  ["navigateOnDragDrop", false],
  ["enableRemoteModule", false],
]);

/** Names that turn a protection off; there is no reason to write them. */
const NEVER = new Map([
  ["enableBlinkFeatures", "features that Chromium ships switched off stay off (point 10)"],
  ["disableBlinkFeatures", "features of Chromium are not chosen here (point 10)"],
  ["loadFile", "pages do not come from file:// (point 18)"],
  ["executeJavaScript", "pages run their own code only (point 7)"],
  ["insertCSS", "pages have their own style only (point 7)"],
  ["setCertificateVerifyProc", "certificates are judged by Chromium (point 1)"],
  ["registerSchemesAsPrivileged", "there is no scheme of our own (point 18)"],
  ["appendSwitch", "Chromium's switches are the user's (points 4, 6, 8)"],
  ["enableRemoteModule", "pages get no access to main (point 20)"],
]);

/** What only one file may use, for there it is checked. */
const ONLY_IN = new Map([
  ["BrowserWindow", { file: "src/adapters/window.ts", why: "its rights are set there (2, 3, 4)" }],
  ["loadURL", { file: "src/adapters/window.ts", why: "addresses are chosen there (point 1)" }],
  ["openExternal", { file: "src/adapters/guards.ts", why: "addresses are checked there (15)" }],
  ["setWindowOpenHandler", { file: "src/adapters/guards.ts", why: "all are denied there (14)" }],
  ["webRequest", { file: "src/adapters/guards.ts", why: "the token is given out there (point 1)" }],
  ["ipcMain", { file: "src/adapters/ipc.ts", why: "senders are told apart there (point 17)" }],
  ["contextBridge", { file: "src/preload.ts", why: "there are few verbs, all there (point 20)" }],
  ["ipcRenderer", { file: "src/preload.ts", why: "there are few verbs, all there (point 20)" }],
]);

function keyOf(property) {
  return property.computed ? null : (property.key.name ?? property.key.value);
}

const rights = {
  meta: { type: "problem", schema: [], messages: { weak: "{{name}} must be {{wanted}}." } },
  create(context) {
    return {
      Property(node) {
        const name = keyOf(node);
        if (!RIGHTS.has(name) || node.parent.type !== "ObjectExpression") return;
        const wanted = RIGHTS.get(name);
        if (node.value.type === "Literal" && node.value.value === wanted) return;
        context.report({ node, messageId: "weak", data: { name, wanted: String(wanted) } });
      },
    };
  },
};

const never = {
  meta: {
    type: "problem",
    schema: [],
    messages: { never: "{{name}}: {{why}}.", file: "Pages do not come from file:// (point 18)." },
  },
  create(context) {
    function check(node, name) {
      const why = NEVER.get(name);
      if (why !== undefined) context.report({ node, messageId: "never", data: { name, why } });
    }
    return {
      MemberExpression(node) {
        if (!node.computed) check(node, node.property.name);
        else if (node.property.type === "Literal") check(node, node.property.value);
      },
      Property(node) {
        check(node, keyOf(node));
      },
      Literal(node) {
        if (typeof node.value !== "string") return;
        if (node.value.startsWith("file:")) context.report({ node, messageId: "file" });
        if (node.value === "certificate-error") {
          check(node, "setCertificateVerifyProc");
        }
      },
    };
  },
};

const onlyIn = {
  meta: {
    type: "problem",
    schema: [],
    messages: { elsewhere: "{{name}} belongs into {{file}}: {{why}}." },
  },
  create(context) {
    const here = context.filename.replaceAll("\\", "/");
    function check(node, name) {
      const place = ONLY_IN.get(name);
      if (place === undefined || here.endsWith(`/electron/${place.file}`)) return;
      const { file, why } = place;
      context.report({ node, messageId: "elsewhere", data: { name, file, why } });
    }
    return {
      ImportSpecifier(node) {
        if (node.importKind !== "type") check(node, node.imported.name);
      },
      MemberExpression(node) {
        if (!node.computed) check(node, node.property.name);
      },
    };
  },
};

/** A page that held `ipcRenderer`, or a function of it, could send anything to anybody. */
const bridge = {
  meta: {
    type: "problem",
    schema: [],
    messages: { raw: "Give pages functions of our own, not ipcRenderer itself (point 20)." },
  },
  create(context) {
    return {
      Identifier(node) {
        if (node.name !== "ipcRenderer" || node.parent.type === "ImportSpecifier") return;
        const member = node.parent;
        const isCalled =
          member.type === "MemberExpression" &&
          member.object === node &&
          member.parent.type === "CallExpression" &&
          member.parent.callee === member;
        if (!isCalled) context.report({ node, messageId: "raw" });
      },
    };
  },
};

/** An exit that bypasses the exit path leaves models behind. */
const exits = {
  meta: {
    type: "problem",
    schema: [],
    messages: { exit: "Leave through the exit path: a bare exit leaves models behind." },
  },
  create(context) {
    const isAllowed = /[\\/](main|compose)\.ts$/.test(context.filename);
    return {
      CallExpression(node) {
        const { callee } = node;
        if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier") return;
        const name = `${callee.object.name}.${callee.property.name}`;
        const isExit = ["process.exit", "process.abort", "app.quit"].includes(name);
        if (isExit || (name === "app.exit" && !isAllowed)) {
          context.report({ node, messageId: "exit" });
        }
      },
    };
  },
};

/** A shell between us and a program reads more into a path than there is. */
const noShell = {
  meta: { type: "problem", schema: [], messages: { shell: "Start programs without a shell." } },
  create(context) {
    return {
      Property(node) {
        if (keyOf(node) === "shell" && node.value.value === true) {
          context.report({ node, messageId: "shell" });
        }
      },
      ImportSpecifier(node) {
        const from = node.parent.source.value;
        if (!["node:child_process", "child_process"].includes(from)) return;
        if (["exec", "execSync"].includes(node.imported.name)) {
          context.report({ node, messageId: "shell" });
        }
      },
    };
  },
};

export default {
  rules: { rights, never, "only-in": onlyIn, bridge, exits, "no-shell": noShell },
};
