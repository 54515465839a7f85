import { beforeEach, expect, it, vi } from "vitest";

import { numberOf, usePlaygroundStore } from "../../../frontend/src/stores/playground";
import { freshStores } from "../support/mountPart";

const ORIGIN = "http://127.0.0.1:1234";

interface Sent {
  readonly url: string;
  readonly body: Record<string, unknown>;
  readonly authorization: string | null;
}

let sent: Sent[];
let playground: ReturnType<typeof usePlaygroundStore>;
let answer: (signal: AbortSignal) => Response;

/** A stream of server-sent events; without an end it waits until it is aborted. */
function stream(events: readonly object[], end: "done" | "cut" | "never", signal: AbortSignal) {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const one of events) {
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(one)}\n\n`));
      }
      if (end === "done") controller.enqueue(encoder.encode("data: [DONE]\n\n"));
      if (end !== "never") controller.close();
      signal.addEventListener("abort", () => {
        controller.error(new DOMException("stopped", "AbortError"));
      });
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

const piece = (content: string) => ({ choices: [{ delta: { content }, finish_reason: null }] });

beforeEach(() => {
  freshStores();
  sent = [];
  vi.stubGlobal("fetch", (url: string, init: RequestInit & { signal: AbortSignal }) => {
    sent.push({
      url,
      body: JSON.parse(init.body as string) as Record<string, unknown>,
      authorization: new Headers(init.headers).get("authorization"),
    });
    return Promise.resolve(answer(init.signal));
  });
  playground = usePlaygroundStore();
  playground.model = "smol";
});

it("takes in an answer piece by piece, and the server's figures at its end", async () => {
  const end = {
    choices: [{ delta: {}, finish_reason: "length" }],
    timings: { predicted_n: 2, predicted_per_second: 20.5, prompt_n: 9, prompt_per_second: 80 },
  };
  answer = (signal) => stream([piece("Hel"), piece("lo"), end], "done", signal);
  await playground.send(ORIGIN, "Hi");
  const [, last] = playground.turns;
  expect(last).toMatchObject({ text: "Hello", state: "done", finishReason: "length" });
  expect(last?.measured.told).toMatchObject({ generatedTokens: 2, generationTokensPerS: 20.5 });
  expect(last?.measured.ttftMs).toBeGreaterThanOrEqual(0);
});

it("sends what was said before, the system prompt, the key and only what was set", async () => {
  answer = (signal) => stream([piece("One")], "done", signal);
  playground.key = "secret-key";
  Object.assign(playground.parameters, { system: "Be brief", topP: "0.5", stop: "END\n" });
  await playground.send(ORIGIN, "First");
  await playground.send(ORIGIN, "Second");
  expect(sent[1]?.url).toBe(`${ORIGIN}/v1/chat/completions`);
  expect(sent[1]?.authorization).toBe("Bearer secret-key");
  expect(sent[1]?.body).toMatchObject({ model: "smol", top_p: 0.5, stop: ["END"], stream: true });
  expect(sent[1]?.body).not.toHaveProperty("temperature");
  expect(sent[1]?.body["messages"]).toEqual([
    { role: "system", content: "Be brief" },
    { role: "user", content: "First" },
    { role: "assistant", content: "One" },
    { role: "user", content: "Second" },
  ]);
});

it("stops when told to, and keeps what had come", async () => {
  answer = (signal) => stream([piece("So far")], "never", signal);
  const sending = playground.send(ORIGIN, "Go on");
  await vi.waitFor(
    () => {
      expect(playground.turns[1]?.text).toBe("So far");
    },
    { timeout: 30_000 },
  );
  playground.stop();
  await sending;
  expect(playground.turns[1]).toMatchObject({ text: "So far", state: "stopped" });
  expect(playground.problem).toBeNull();
  expect(playground.isBusy).toBe(false);
});

it("tells a refusal in the gateway's words and gives the message back", async () => {
  const body = JSON.stringify({ error: { message: "the model is loading" } });
  answer = () => new Response(body, { status: 503, headers: { "retry-after": "7" } });
  const before = Date.now();
  await playground.send(ORIGIN, "Hello?");
  expect(playground.problem?.title).toBe("the model is loading");
  expect(playground.problem?.retryAtMs).toBeGreaterThanOrEqual(before + 7_000);
  expect(playground.turns).toEqual([]);
  expect(playground.draft).toBe("Hello?");
});

it("keeps an answer that broke off, and says that it did", async () => {
  answer = (signal) => stream([piece("Half")], "cut", signal);
  await playground.send(ORIGIN, "Hi");
  expect(playground.turns[1]).toMatchObject({ text: "Half", state: "failed" });
  expect(playground.problem?.title).toBe("The answer broke off");
});

it("takes an error in the middle of the stream for what it is", async () => {
  const events = [piece("Half"), { error: { message: "the server ended" } }];
  answer = (signal) => stream(events, "done", signal);
  await playground.send(ORIGIN, "Hi");
  expect(playground.problem?.title).toBe("the server ended");
});

it("says which address does not answer", async () => {
  answer = () => {
    throw new TypeError("Failed to fetch");
  };
  await playground.send(ORIGIN, "Hi");
  expect(playground.problem?.title).toContain(ORIGIN);
});

it("reads figures as they are typed", () => {
  expect(["0,7", " 12 ", "", "abc"].map(numberOf)).toEqual([0.7, 12, null, null]);
});
