/** Where the gateway under test is, and what is asked of it. */

function told(name: string): string {
  const value = process.env[`LLAMA_RUNNER_PRO_${name}`];
  if (value === undefined) {
    throw new Error(`${name} is not set: run tests/conformance/test_node_clients.py`);
  }
  return value;
}

export const OPENAI_DOOR = told("OPENAI_DOOR");
export const OLLAMA_DOOR = told("OLLAMA_DOOR");
const SIDECAR = told("SIDECAR");

/** `smol` speaks every API itself; `plain`, where the machine has it, is always translated. */
export const MODELS = told("MODELS").split(",");
export const TRANSLATED = MODELS.filter((model) => model !== "smol");

export const HI = [{ role: "user" as const, content: "Say hello" }];

/** Never answered in a few words, so that there is something to give up. */
export const LONG = [{ role: "user" as const, content: "Count from one to a thousand, in words." }];

export const WEATHER = {
  type: "function" as const,
  function: {
    name: "weather",
    description: "Tells the weather of a city",
    parameters: {
      type: "object",
      properties: { city: { type: "string", enum: ["Rome", "Oslo"] } },
      required: ["city"],
    },
  },
};

interface Traffic {
  in_flight: number;
  ended: { client_gone?: number };
}

async function traffic(): Promise<Traffic> {
  const answer = await fetch(`${SIDECAR}/api/gateway`);
  return ((await answer.json()) as { traffic: Traffic }).traffic;
}

async function until(condition: (now: Traffic) => boolean): Promise<void> {
  const limitMs = performance.now() + 20_000;
  while (!condition(await traffic())) {
    if (performance.now() > limitMs) throw new Error("the gateway did not come to that in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Wait until the gateway works on a request. */
export async function busy(): Promise<void> {
  await until((now) => now.in_flight > 0);
}

/** Does what gives a request up; ends when the gateway has seen that and has nothing under way. */
export async function givenUp(act: () => Promise<void>): Promise<void> {
  const before = (await traffic()).ended.client_gone ?? 0;
  await act();
  await until((now) => now.ended.client_gone === before + 1 && now.in_flight === 0);
}
