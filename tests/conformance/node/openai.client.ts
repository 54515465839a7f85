import OpenAI, { APIUserAbortError, BadRequestError, NotFoundError } from "openai";
import { describe, expect, test } from "vitest";

import {
  busy,
  givenUp,
  HI,
  LONG,
  MODELS,
  OLLAMA_DOOR,
  OPENAI_DOOR,
  TRANSLATED,
  WEATHER,
} from "./doors";

/** OpenAI's own JavaScript package against both doors. */
describe.each([
  ["1234", OPENAI_DOOR],
  ["11434", OLLAMA_DOOR],
])("at the door that is usually %s", (_, door) => {
  const client = new OpenAI({ baseURL: `${door}/v1`, apiKey: "none", maxRetries: 0 });
  const { completions } = client.chat;

  test("models are listed and found", async () => {
    const listed: string[] = [];
    for await (const one of client.models.list()) listed.push(one.id.replace(/:latest$/, ""));
    expect(listed).toEqual(expect.arrayContaining(MODELS));
    expect((await client.models.retrieve("smol")).object).toBe("model");
  });

  test.each(MODELS)("%s chats", async (model) => {
    const answer = await completions.create({ model, messages: HI, max_completion_tokens: 8 });
    expect(answer.choices[0]?.message.content).toBeTruthy();
    expect(answer.usage?.completion_tokens).toBeGreaterThan(0);
  });

  test.each(MODELS)("%s streams, with usage for those alone who ask", async (model) => {
    const asked = { model, messages: HI, max_completion_tokens: 8, stream: true } as const;
    const seen = [];
    for await (const chunk of await completions.create(asked)) seen.push(chunk);
    expect(seen.every((chunk) => chunk.choices.length === 1)).toBe(true);
    expect(["stop", "length"]).toContain(seen.at(-1)?.choices[0]?.finish_reason);
    const counted = [];
    const billed = { ...asked, stream_options: { include_usage: true } };
    for await (const chunk of await completions.create(billed)) counted.push(chunk);
    expect(counted.at(-1)?.choices).toEqual([]);
    expect(counted.at(-1)?.usage?.completion_tokens).toBeGreaterThan(0);
  });

  test("a tool is called, whole and in pieces, and its answer is taken", async () => {
    const question = { role: "user", content: "How is the weather in Rome?" } as const;
    const asked = { model: "caller", messages: [question], tools: [WEATHER] };
    const whole = (await completions.create(asked)).choices[0]?.message;
    const put = (await completions.stream(asked).finalChatCompletion()).choices[0]?.message;
    for (const message of [whole, put]) {
      const call = message?.tool_calls?.[0];
      if (message === undefined || call?.type !== "function") throw new Error("no call came");
      expect(call.function.name).toBe("weather");
      expect(JSON.parse(call.function.arguments)).toEqual({ city: "Rome" });
      const result = { role: "tool", tool_call_id: call.id, content: "sunny" } as const;
      const answer = await completions.create({ ...asked, messages: [question, message, result] });
      expect(answer.choices[0]?.message.content).toBe("It is sunny.");
    }
  });

  test.each(TRANSLATED)("%s gives vectors, decoded by the package", async (model) => {
    const { data } = await client.embeddings.create({ model, input: ["one", "two"] });
    expect(data).toHaveLength(2);
    const length = Math.hypot(...(data[0]?.embedding ?? []));
    expect(length).toBeCloseTo(1, 2);
  });

  test("errors are the package's own", async () => {
    const missing: unknown = await completions
      .create({ model: "no-such-model", messages: HI })
      .catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(NotFoundError);
    expect(missing).toMatchObject({ status: 404, code: "model_not_found" });
    const wrong = completions.create({ model: "smol", messages: "text" as unknown as typeof HI });
    await expect(wrong).rejects.toBeInstanceOf(BadRequestError);
  });

  test.each(MODELS)("a stream of %s that is given up ends at the server too", async (model) => {
    const abort = new AbortController();
    const asked = {
      model,
      messages: LONG,
      temperature: 0,
      max_completion_tokens: 1500,
      stream: true,
    } as const;
    await givenUp(async () => {
      const stream = await completions.create(asked, { signal: abort.signal });
      for await (const chunk of stream) {
        if (chunk.choices[0]?.delta.content) abort.abort();
      }
      expect(abort.signal.aborted).toBe(true);
    });
  });

  test("an answer that nobody waits for any more is given up", async () => {
    const abort = new AbortController();
    const asked = { model: "smol", messages: LONG, temperature: 0, max_completion_tokens: 1500 };
    await givenUp(async () => {
      const answer = completions.create(asked, { signal: abort.signal });
      const refused = expect(answer).rejects.toBeInstanceOf(APIUserAbortError);
      await busy();
      abort.abort();
      await refused;
    });
  });
});
