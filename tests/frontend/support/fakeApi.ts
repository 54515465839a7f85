/** Answers of the sidecar's HTTP side, one for each path. */
import { vi } from "vitest";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly contentType: string | null;
}

export interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

export class FakeApi {
  readonly asked: Asked[] = [];
  readonly #answers = new Map<string, Answer | Promise<Answer>>();

  constructor() {
    vi.stubGlobal("fetch", (path: string, init: RequestInit) => this.#handle(path, init));
  }

  answer(path: string, answer: Answer | Promise<Answer>): void {
    this.#answers.set(path, answer);
  }

  /** An envelope of the `/api/ai-monitor` family. */
  succeed(path: string, data: unknown = {}, message = "done"): void {
    const body = { status: "success", message, data, timestamp: "2026-01-31T12:00:00+00:00" };
    this.answer(path, { body });
  }

  async #handle(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    this.asked.push({
      method: init.method ?? "GET",
      path,
      body: typeof init.body === "string" ? JSON.parse(init.body) : null,
      contentType: headers.get("content-type"),
    });
    // An answer for the whole question, or else for all questions at its address.
    const given = this.#answers.get(path) ?? this.#answers.get(path.replace(/\?.*$/, ""));
    const answer = await given;
    if (init.signal?.aborted === true) throw new DOMException("given up", "AbortError");
    if (answer === undefined) throw new TypeError("Failed to fetch");
    return new Response(
      typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body),
      { status: answer.status ?? 200 },
    );
  }
}
