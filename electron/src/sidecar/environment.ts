/** What the sidecar and its children get to see of our environment: a list, not everything. */

type Environment = Readonly<Record<string, string | undefined>>;

/** Exact names. Proxies and certificates are for model servers and alerts that reach out. */
const NAMES: ReadonlySet<string> = new Set([
  ...["HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TERM"],
  ...["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"],
  ...["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DRI_PRIME", "VK_ICD_FILENAMES", "VK_DRIVER_FILES"],
  ...["SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERNAME"],
  ...["USERPROFILE", "USERDOMAIN", "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA"],
  ...["PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432", "COMMONPROGRAMFILES"],
  ...["NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "PUBLIC", "ALLUSERSPROFILE"],
]);

/** Families: languages, folders of the desktop, and the settings of model servers and their GPUs. */
const FAMILIES = [
  ...["LC_", "XDG_", "LLAMA_RUNNER_PRO_", "LLAMA_ARG_", "OLLAMA_", "LMSTUDIO_", "HF_", "VLLM_"],
  ...["CUDA_", "NVIDIA_", "HIP_", "ROCR_", "HSA_", "ONEAPI_", "SYCL_", "GGML_", "VK_", "MESA_"],
  ...["OMP_", "MKL_", "OTEL_"],
];

/** Finder starts programs with these alone; Homebrew and its like are elsewhere. */
const MAC_FOLDERS = ["/opt/homebrew/bin", "/usr/local/bin", "/opt/local/bin"];

/** The environment for the sidecar. */
export function sidecarEnvironment(
  all: Environment,
  platform: NodeJS.Platform,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && isWanted(name)) kept[name] = value;
  }
  // An AppImage points these at its own mount, which is nothing for the programs of the system.
  if (all["APPIMAGE"] !== undefined) delete kept["LD_LIBRARY_PATH"];
  if (platform === "darwin") kept["PATH"] = withMacFolders(kept["PATH"]);
  return kept;
}

function isWanted(name: string): boolean {
  const upper = name.toUpperCase();
  return NAMES.has(upper) || FAMILIES.some((family) => upper.startsWith(family));
}

function withMacFolders(path: string | undefined): string {
  const there = path === undefined || path === "" ? ["/usr/bin", "/bin"] : path.split(":");
  return [...there, ...MAC_FOLDERS.filter((folder) => !there.includes(folder))].join(":");
}
