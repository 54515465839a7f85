import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, test } from "vitest";

import { call, CallFailed, isInstance } from "../../../electron/src/api/client";
import { readGlance } from "../../../electron/src/api/glance";
import { IncidentNews } from "../../../electron/src/api/incidents";

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function sidecar(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, token: "t0ken" };
}

describe("calls", () => {
  test("carry the token and bring a JSON object", async () => {
    const access = await sidecar((request, response) => {
      const { method, url, headers } = request;
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        response.end(JSON.stringify({ method, url, auth: headers.authorization, body }));
      });
    });
    const auth = "Bearer t0ken";
    expect(await call(access, "GET", "/a?b=1")).toEqual({
      ...{ method: "GET", url: "/a?b=1", auth, body: "" },
    });
    expect(await call(access, "POST", "/a", { wait: false })).toMatchObject({
      ...{ method: "POST", body: '{"wait":false}' },
    });
  });

  test.each([
    ["an error", 500, "{}", /status 500/],
    ["a problem", 409, '{"detail":"healing is under way"}', /^healing is under way$/],
    ["a redirect", 302, "{}", /status 302/],
    ["rubbish", 200, "<html>", /not a JSON object/],
    ["a list", 200, "[]", /not a JSON object/],
    ["too much", 200, JSON.stringify({ a: "x".repeat(4_000_001) }), /too large|aborted/],
  ])("that bring %s fail", async (_name, status, body, why) => {
    const access = await sidecar((_request, response) => {
      response.writeHead(status).end(body);
    });
    await expect(call(access, "GET", "/")).rejects.toThrow(why);
    await expect(call(access, "GET", "/")).rejects.toBeInstanceOf(CallFailed);
  });

  test("to nobody fail", async () => {
    const gone = { origin: "http://127.0.0.1:1", token: "t" };
    await expect(call(gone, "GET", "/")).rejects.toBeInstanceOf(CallFailed);
    expect(await isInstance(gone, "i")).toBe(false);
  });

  test("tell whether it is the right sidecar", async () => {
    const access = await sidecar((_request, response) => {
      response.end('{"status":"ok","instance":"right"}');
    });
    expect(await isInstance(access, "right")).toBe(true);
    expect(await isInstance(access, "other")).toBe(false);
  });
});

describe("a glance at the models", () => {
  const status = {
    overall_status: "healthy",
    online_models: 2,
    total_models: 2,
    monitoring_active: true,
    models: { a: { status: "online" }, b: { status: "online" } },
  };

  test("is good when all are well", () => {
    expect(readGlance({ data: status })).toEqual({
      ...{ tone: "good", online: 2, total: 2, isWatching: true, troubled: [] },
    });
  });

  test("names those that need a look, five at most", () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    const models = Object.fromEntries(names.map((name) => [name, { status: "failed" }]));
    const glance = readGlance({ data: { ...status, overall_status: "critical", models } });
    expect(glance).toMatchObject({ tone: "bad", troubled: ["a", "b", "c", "d", "e"] });
  });

  test.each([
    ["degraded", { a: { status: "recovering" } }, true, "warning"],
    ["degraded", { a: { status: "loading" } }, true, "busy"],
    ["critical", { a: { status: "loading" } }, true, "busy"],
    ["critical", { a: { status: "failed" } }, false, "off"],
    ["healthy", {}, false, "off"],
  ])("%s with %j, watching %s, is %s", (overall_status, models, monitoring_active, tone) => {
    const data = { ...status, overall_status, models, monitoring_active };
    expect(readGlance({ data })?.tone).toBe(tone);
  });

  test.each([
    {},
    { data: null },
    { data: [] },
    { data: { ...status, online_models: "2" } },
    { data: { ...status, total_models: -1 } },
    { data: { ...status, monitoring_active: 1 } },
  ])("is not read from %j", (answer) => {
    expect(readGlance(answer)).toBeNull();
  });
});

describe("news of incidents", () => {
  function incident(id: string, outcome: string | null, endpoint = "chat") {
    return { id, endpoint, outcome, summary: `summary of ${id}`, opened_ms: 1 };
  }

  function answer(...incidents: unknown[]) {
    return { incidents };
  }

  test("do not tell what was before the first look", () => {
    expect(new IncidentNews().from(answer(incident("1", "failed")))).toEqual([]);
  });

  test("tell each outcome once, oldest first", () => {
    const news = new IncidentNews();
    news.from(answer());
    const listed = answer(incident("2", "healed", "b"), incident("1", "failed", "a"));
    expect(news.from(listed)).toEqual([
      { kind: "failed", endpoint: "a", summary: "summary of 1", incident: "1" },
      { kind: "recovered", endpoint: "b", summary: "summary of 2", incident: "2" },
    ]);
    expect(news.from(listed)).toEqual([]);
  });

  test("tell an incident that was open before, when it ends", () => {
    const news = new IncidentNews();
    news.from(answer(incident("1", null)));
    expect(news.from(answer(incident("1", null)))).toEqual([]);
    expect(news.from(answer(incident("1", "failed")))).toHaveLength(1);
    expect(news.from(answer(incident("1", "healed")))).toMatchObject([{ kind: "recovered" }]);
  });

  test("tell nothing of what was stopped on purpose, a false alarm or unknown", () => {
    const news = new IncidentNews();
    news.from(answer());
    const outcomes = ["stopped", "false_alarm", "constructor", "toString"];
    expect(news.from(answer(...outcomes.map((one, nth) => incident(`${nth}`, one))))).toEqual([]);
  });

  test("survive an answer that is none", () => {
    const news = new IncidentNews();
    expect(news.from({})).toEqual([]);
    expect(news.from(answer(7, null, { id: 1 }, { outcome: "failed" }))).toEqual([]);
    expect(news.from(answer(incident("1", "failed")))).toHaveLength(1);
  });

  test("do not fill the memory, and do not repeat what is still listed", () => {
    const news = new IncidentNews();
    news.from(answer());
    for (let nth = 0; nth < 700; nth += 1) {
      expect(news.from(answer(incident(`${nth}`, "failed")))).toHaveLength(1);
    }
    expect(news.from(answer(incident("699", "failed")))).toEqual([]);
  });
});
