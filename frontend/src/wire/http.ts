import { text } from "../i18n";
import type { ConfigProblem, ProblemDetails } from "./frames";

/** A request that was refused or could not be made, in words for the user. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    message: string,
    /** HTTP status; 0 when the sidecar could not be reached. */
    readonly status: number,
    /** What the user can do about it. */
    readonly hint = "",
    /** Everything wrong with a configuration that was refused. */
    readonly problems: readonly ConfigProblem[] = [],
    /** The stable word for what went wrong; empty when the answer had none. */
    readonly code = "",
  ) {
    super(message);
  }
}

/** How the `/api/ai-monitor` family answers. */
export interface Envelope<T> {
  readonly status: "success" | "warning" | "error";
  readonly message: string;
  readonly data: T;
  readonly timestamp: string;
}

export interface RequestOptions {
  readonly signal?: AbortSignal;
}

/** @throws ApiError */
export async function getJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  return request<T>(path, { method: "GET", ...signalOf(options) });
}

/**
 * Send a command. The body is always JSON: the sidecar refuses anything else.
 *
 * @throws ApiError also when the answer's envelope says `error`.
 */
export async function postCommand<T>(
  path: string,
  body: object = {},
  options: RequestOptions = {},
): Promise<Envelope<T>> {
  return request<Envelope<T>>(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    ...signalOf(options),
  });
}

/**
 * Change something outside of the `/api/ai-monitor` family, which answers without an envelope.
 *
 * @throws ApiError
 */
export async function sendJson<T>(
  method: "POST" | "PUT" | "DELETE",
  path: string,
  body: object = {},
): Promise<T> {
  return request<T>(path, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** A file as it is, to be saved. @throws ApiError */
export async function getFile(path: string): Promise<Blob> {
  const response = await answerOf(path, { method: "GET" });
  if (!response.ok) throw errorOf(response.status, await response.json().catch(() => null));
  return response.blob();
}

function signalOf(options: RequestOptions): { signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal };
}

async function answerOf(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(text.errors.unreachable, 0, text.errors.unreachableHint);
  }
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const response = await answerOf(path, init);
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw errorOf(response.status, body);
  if (body === null) throw new ApiError(text.errors.notJson, response.status);
  if (isEnvelope(body) && body.status === "error")
    throw new ApiError(body.message, response.status);
  return body as T;
}

function errorOf(status: number, body: unknown): ApiError {
  if (isEnvelope(body)) return new ApiError(body.message, status);
  if (isProblem(body)) {
    const { code, detail, hint, problems, title } = body;
    return new ApiError(detail || title, status, hint, problems, code);
  }
  return new ApiError(text.errors.status(status), status);
}

function isEnvelope(body: unknown): body is Envelope<unknown> {
  return (
    isRecord(body) && typeof body["message"] === "string" && typeof body["status"] === "string"
  );
}

function isProblem(body: unknown): body is ProblemDetails {
  return isRecord(body) && typeof body["title"] === "string" && typeof body["detail"] === "string";
}

function isRecord(body: unknown): body is Record<string, unknown> {
  return typeof body === "object" && body !== null;
}
