import { Ollama } from "ollama";
import { beforeEach, expect, test } from "vitest";

import { givenUp, HI, LONG, MODELS, OLLAMA_DOOR, TRANSLATED, WEATHER } from "./doors";

/** Ollama's own JavaScript package. */
const SHORT = { num_predict: 8 };
let client: Ollama;

beforeEach(() => {
  client = new Ollama({ host: OLLAMA_DOOR });
});

async function running(): Promise<string[]> {
  return (await client.ps()).models.map((one) => one.name);
}

test("the version is told", async () => {
  expect((await client.version()).version).toMatch(/^\d+\.\d+\.\d+$/);
});

test.each(MODELS)("%s is listed and shown", async (model) => {
  const { models } = await client.list();
  const item = models.find((one) => one.name === `${model}:latest`);
  expect(item?.digest).toMatch(/^[0-9a-f]{64}$/);
  expect(item?.details.format).toBe("gguf");
  expect((await client.show({ model })).capabilities).toContain("completion");
});

test.each(MODELS)("%s chats and counts", async (model) => {
  const answer = await client.chat({ model, messages: HI, options: SHORT });
  expect(answer.message.content).not.toBe("");
  expect(["stop", "length"]).toContain(answer.done_reason);
  expect(answer.eval_count).toBeGreaterThan(0);
  expect(answer.eval_count).toBeLessThanOrEqual(8);
  expect(answer.eval_duration).toBeGreaterThan(0);
});

test.each(MODELS)("%s streams chats and texts", async (model) => {
  const asked = { model, options: SHORT, stream: true } as const;
  const dones = [];
  for await (const part of await client.chat({ ...asked, messages: HI })) dones.push(part.done);
  expect(dones.lastIndexOf(false)).toBe(dones.length - 2);
  expect(dones.at(-1)).toBe(true);
  let text = "";
  for await (const part of await client.generate({ ...asked, prompt: "Once upon a" })) {
    text += part.response ?? "";
  }
  expect(text).not.toBe("");
});

test("a tool is called, whole and in pieces, and its answer is taken", async () => {
  const question = { role: "user", content: "How is the weather in Rome?" };
  const asked = { model: "caller", messages: [question], tools: [WEATHER] };
  const messages = [(await client.chat(asked)).message];
  for await (const part of await client.chat({ ...asked, stream: true })) {
    if (part.message.tool_calls) messages.push(part.message);
  }
  expect(messages).toHaveLength(2);
  for (const message of messages) {
    const call = message.tool_calls?.[0]?.function;
    expect(call).toEqual(expect.objectContaining({ name: "weather", arguments: { city: "Rome" } }));
    const result = { role: "tool", content: "sunny", tool_name: "weather" };
    const answer = await client.chat({ ...asked, messages: [question, message, result] });
    expect(answer.message.content).toBe("It is sunny.");
  }
});

test.each(TRANSLATED)("%s gives vectors of length one", async (model) => {
  const { embeddings } = await client.embed({ model, input: ["one", "two"] });
  expect(embeddings.map((one) => Math.hypot(...one).toFixed(3))).toEqual(["1.000", "1.000"]);
  const older = await client.embeddings({ model, prompt: "one" });
  expect(older.embedding.length).toBeGreaterThan(100);
});

test("a model is unloaded and loaded again", async () => {
  const unload = { model: "smol", prompt: "", keep_alive: 0 };
  expect((await client.generate(unload)).done_reason).toBe("unload");
  expect(await running()).not.toContain("smol:latest");
  const loaded = await client.generate({ model: "smol", prompt: "", keep_alive: "5m" });
  expect([loaded.done, loaded.done_reason]).toEqual([true, "load"]);
  expect(await running()).toContain("smol:latest");
});

test("pulling what is here succeeds, and what is not says so", async () => {
  expect((await client.pull({ model: "smol" })).status).toBe("success");
  await expect(client.pull({ model: "no-such-model" })).rejects.toThrow("not found");
});

test("errors are the package's own", async () => {
  const missing = client.chat({ model: "no-such-model", messages: HI });
  await expect(missing).rejects.toMatchObject({
    name: "ResponseError",
    status_code: 404,
    message: expect.stringContaining("model 'no-such-model' not found") as string,
  });
  const wrong = { top_k: "x" as unknown as number };
  const refused = client.chat({ model: "smol", messages: HI, options: wrong });
  await expect(refused).rejects.toMatchObject({ name: "ResponseError", status_code: 400 });
});

test.each(MODELS)("a stream of %s that is given up ends at the server too", async (model) => {
  const options = { num_predict: 1500, temperature: 0 };
  await givenUp(async () => {
    const stream = await client.chat({ model, messages: LONG, options, stream: true });
    const read = async (): Promise<void> => {
      for await (const part of stream) {
        if (part.message.content) stream.abort();
      }
    };
    await expect(read()).rejects.toMatchObject({ name: "AbortError" });
  });
});
