import { beforeEach, describe, expect, it } from "vitest";

import { ApiError, getJson, postCommand } from "../../../frontend/src/wire/http";
import { FakeApi } from "../support/fakeApi";

let api: FakeApi;

beforeEach(() => {
  api = new FakeApi();
});

async function refusal(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(
    () => new Error("it went through"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe("requests", () => {
  it("posts JSON, even when there is nothing to say", async () => {
    api.succeed("/api/x");
    const answer = await postCommand("/api/x");
    expect(answer.message).toBe("done");
    expect(api.asked).toEqual([
      { method: "POST", path: "/api/x", body: {}, contentType: "application/json" },
    ]);
  });

  it("turns problem+json into its detail and its hint", async () => {
    const body = { title: "Refused", detail: "it is disabled", hint: "enable it", status: 409 };
    api.answer("/api/x", { status: 409, body });
    const error = await refusal(postCommand("/api/x"));
    expect(error).toMatchObject({ message: "it is disabled", hint: "enable it", status: 409 });
  });

  it("takes an error envelope for a refusal, whatever its status", async () => {
    api.answer("/api/x", { status: 404, body: { status: "error", message: "no such model" } });
    expect((await refusal(postCommand("/api/x"))).message).toBe("no such model");
    api.answer("/api/x", { status: 200, body: { status: "error", message: "broken" } });
    expect((await refusal(postCommand("/api/x"))).message).toBe("broken");
  });

  it("says so when nobody answers, when it is no JSON, and when only a status came", async () => {
    expect(await refusal(getJson("/api/nobody"))).toMatchObject({ status: 0 });
    api.answer("/api/html", { body: "<html>" });
    expect((await refusal(getJson("/api/html"))).message).toContain("JSON");
    api.answer("/api/bare", { status: 502, body: "x" });
    expect((await refusal(getJson("/api/bare"))).message).toContain("502");
  });
});
