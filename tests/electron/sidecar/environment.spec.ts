import { describe, expect, test } from "vitest";

import { sidecarEnvironment } from "../../../electron/src/sidecar/environment";

const MOUNT = "/tmp/.mount_LlamaXY";

describe("the environment", () => {
  test.each([
    ...["PATH", "HOME", "LANG", "LC_ALL", "TZ", "XDG_RUNTIME_DIR", "XDG_CURRENT_DESKTOP"],
    ...["CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "HIP_VISIBLE_DEVICES", "NVIDIA_TF32_OVERRIDE"],
    ...["HF_HOME", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "TRANSFORMERS_CACHE", "TORCH_HOME"],
    ...["OLLAMA_HOST", "OLLAMA_MODELS", "LLAMA_ARG_CTX_SIZE", "LLAMA_CACHE", "VLLM_USE_V1"],
    ...["HTTP_PROXY", "https_proxy", "no_proxy", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"],
    ...["NODE_EXTRA_CA_CERTS", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "PYTHONPATH"],
    ...["CONDA_PREFIX", "VIRTUAL_ENV", "OPENAI_API_KEY", "MY_MODELS", "GGML_CUDA_ENABLE_X"],
    ...["LLAMA_RUNNER_PRO_DATA_DIR", "DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK"],
  ])("passes the user's %s on", (name) => {
    expect(sidecarEnvironment({ [name]: "/the/user's" }, "linux")).toEqual({
      [name]: "/the/user's",
    });
  });

  test.each([
    ...["ELECTRON_RUN_AS_NODE", "ELECTRON_NO_ATTACH_CONSOLE", "ELECTRON_ENABLE_LOGGING"],
    ...["CHROME_DESKTOP", "CHROME_WRAPPER", "CHROME_CRASHPAD_PIPE_NAME", "NODE_OPTIONS"],
    ...["NODE_CHANNEL_FD", "PORTABLE_EXECUTABLE_DIR"],
    ...["DESKTOP_STARTUP_ID", "XDG_ACTIVATION_TOKEN", "GIO_LAUNCHED_DESKTOP_FILE", "NOTIFY_SOCKET"],
    ...["PWD", "OLDPWD"],
  ])("keeps the window's own %s back", (name) => {
    expect(sidecarEnvironment({ [name]: "1", LANG: "C" }, "linux")).toEqual({ LANG: "C" });
  });

  test("gives the desktop's name back that Chromium replaced", () => {
    const all = { XDG_CURRENT_DESKTOP: "Unity", ORIGINAL_XDG_CURRENT_DESKTOP: "ubuntu:GNOME" };
    expect(sidecarEnvironment(all, "linux")).toEqual({ XDG_CURRENT_DESKTOP: "ubuntu:GNOME" });
  });

  test("of an AppImage is what it was before, wherever its mount was put in", () => {
    const all = {
      ...{ APPIMAGE: "/home/a/Llama.AppImage", APPDIR: MOUNT, ARGV0: "./Llama", OWD: "/home/a" },
      APPIMAGE_UUID: "1",
      PATH: `${MOUNT}:${MOUNT}/usr/sbin:/usr/bin:/home/a/bin`,
      LD_LIBRARY_PATH: `${MOUNT}/usr/lib:/opt/cuda/lib64`,
      GSETTINGS_SCHEMA_DIR: `${MOUNT}/usr/share/glib-2.0/schemas:`,
      XDG_DATA_DIRS: `${MOUNT}/usr/share/:/usr/share/`,
      HF_HOME: `${MOUNT}-beside/hf`,
    };
    expect(sidecarEnvironment(all, "linux")).toEqual({
      PATH: "/usr/bin:/home/a/bin",
      LD_LIBRARY_PATH: "/opt/cuda/lib64",
      XDG_DATA_DIRS: "/usr/share/",
      HF_HOME: `${MOUNT}-beside/hf`,
    });
  });

  test("outside of an AppImage leaves names of the user's that an AppImage would use", () => {
    const all = { APPDIR: "/srv/app", ARGV0: "x", OWD: "/w", PATH: "/srv/app/bin:/bin" };
    expect(sidecarEnvironment(all, "linux")).toEqual(all);
  });

  test("leaves out what is not set", () => {
    expect(sidecarEnvironment({ NOTHING: undefined, EMPTY: "" }, "linux")).toEqual({ EMPTY: "" });
  });

  test("on macOS finds what Finder does not know of", () => {
    const path = sidecarEnvironment({ PATH: "/usr/bin:/usr/local/bin" }, "darwin")["PATH"];
    expect(path).toBe("/usr/bin:/usr/local/bin:/opt/homebrew/bin:/opt/local/bin");
    expect(sidecarEnvironment({}, "darwin")["PATH"]).toMatch(/^\/usr\/bin:\/bin:/);
  });

  test("knows Windows' names in any spelling", () => {
    const all = { SystemRoot: "C:\\Windows", Path: "C:\\x", "ProgramFiles(x86)": "C:\\p" };
    expect(sidecarEnvironment({ ...all, Electron_Run_As_Node: "1" }, "win32")).toEqual(all);
  });
});
