/** Parts of the gateway with what most tests do not care about filled in. */
import type {
  BreakerView,
  DoorView,
  GatewayView,
  ModelView,
  RequestRecord,
} from "../../../frontend/src/wire/frames";
import { T0 } from "./frames";

export function door(more: Partial<DoorView> = {}): DoorView {
  return {
    name: "openai",
    state: "open",
    host: "127.0.0.1",
    port: 1234,
    actual_port: 1234,
    holder: null,
    holder_kind: null,
    reason: null,
    hint: null,
    free_again: false,
    ...more,
  };
}

export function model(more: Partial<ModelView> = {}): ModelView {
  return {
    name: "smol",
    endpoint: "demo",
    kind: "embedded",
    state: "loaded",
    operation: "llm",
    aliases: ["demo"],
    reason: null,
    path: null,
    size_bytes: 1024 * 1024,
    memory_bytes: null,
    gpu_memory_bytes: null,
    context_length: 2048,
    context_length_max: 8192,
    architecture: "llama",
    parameter_count: null,
    quantization: "Q4_1",
    embedding_length: null,
    block_count: null,
    head_count: null,
    capabilities: ["completion"],
    lacks: [],
    digest: null,
    modified_ms: T0,
    expires_ms: null,
    in_flight: 0,
    ...more,
  };
}

export function breaker(more: Partial<BreakerView> = {}): BreakerView {
  return {
    endpoint: "demo",
    model: "smol",
    state: "closed",
    reason: null,
    failures: 0,
    calls_60s: 0,
    failures_60s: 0,
    since_ms: T0,
    retry_at_ms: null,
    forced: false,
    ...more,
  };
}

export function gatewayView(more: Partial<GatewayView> = {}): GatewayView {
  return {
    enabled: true,
    key_required: false,
    exposed: false,
    keys: [],
    doors: [door(), door({ name: "ollama", port: 11434, actual_port: 11434 })],
    models: [model()],
    breakers: [breaker()],
    traffic: { in_flight: 0, waiting: 0, ended: {}, models: [] },
    refused_origins: [],
    capture_enabled: false,
    captured: 0,
    warnings: [],
    ...more,
  };
}

export function request(more: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: "r1",
    t_ms: T0,
    surface: "openai",
    operation: "chat",
    path: "/v1/chat/completions",
    model: "smol",
    endpoint: "demo",
    stream: true,
    key: null,
    client: "curl/8",
    status: 200,
    ending: "ok",
    error: null,
    phase: "done",
    position: null,
    load_ratio: null,
    queue_ms: 0,
    load_ms: 0,
    ttft_ms: 62,
    duration_ms: 500,
    prompt_tokens: 31,
    cached_tokens: null,
    generated_tokens: 12,
    prompt_tokens_per_s: null,
    generation_tokens_per_s: 24.5,
    inter_token_p50_ms: null,
    inter_token_p95_ms: null,
    finish_reason: "stop",
    token_source: "timings",
    bytes_in: 90,
    bytes_out: 3000,
    ...more,
  };
}
