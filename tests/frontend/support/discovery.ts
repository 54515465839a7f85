/** What a search of this computer may find. */
import type { Discovery, FoundServer, InstalledProgram } from "../../../frontend/src/wire/frames";

export function found(more: Partial<FoundServer> = {}): FoundServer {
  return {
    product: "ollama",
    label: "Ollama",
    kind: "ollama",
    url: "http://127.0.0.1:11434",
    port: 11434,
    confidence: "certain",
    evidence: ["/api/version answers like Ollama"],
    models: ["a", "b", "c", "d"],
    loading: false,
    needs_key: false,
    pid: 4242,
    program: "ollama",
    configured_as: null,
    part_of: null,
    proposal: { name: "ollama", kind: "ollama", port: 11434 },
    note: null,
    ...more,
  };
}

export function installed(more: Partial<InstalledProgram> = {}): InstalledProgram {
  return {
    product: "llamacpp",
    label: "llama-server",
    kind: "llamacpp",
    path: "/usr/bin/llama-server",
    command: ["/usr/bin/llama-server", "--port", "${PORT}"],
    needs: ["model_path"],
    proposal: { name: "llama-server", start_command: ["/usr/bin/llama-server"] },
    note: null,
    ...more,
  };
}

export const CHILD = found({
  label: "llama-server",
  url: "http://127.0.0.1:40001",
  port: 40001,
  pid: 4243,
  proposal: null,
  part_of: { product: "ollama", label: "Ollama", pid: 4242, url: "http://127.0.0.1:11434" },
});

export function discovery(more: Partial<Discovery> = {}): Discovery {
  return {
    found: [found(), CHILD],
    installed: [installed()],
    took_ms: 900,
    complete: true,
    ...more,
  };
}
