import { beforeEach, expect, it } from "vitest";

import { keepKnown, queryOf, useRequestsStore } from "../../../frontend/src/stores/requests";
import { FakeApi, type Answer } from "../support/fakeApi";
import { request } from "../support/gateway";
import { freshStores } from "../support/mountPart";

let api: FakeApi;
const ALL = "/api/gateway/requests?limit=100";

beforeEach(() => {
  freshStores();
  api = new FakeApi();
});

it("asks only for what the filter names", () => {
  const filter = {
    model: "a b",
    endpoint: "",
    surface: "ollama",
    outcome: "",
    limit: 500,
  } as const;
  expect(queryOf(filter)).toBe("limit=500&model=a+b&surface=ollama");
});

it("keeps the rows of requests that have ended, so that they are not drawn again", () => {
  const before = [request({ id: "r1" })];
  const now = keepKnown(before, [request({ id: "r2" }), request({ id: "r1" })]);
  expect(now.map((one) => one.id)).toEqual(["r2", "r1"]);
  expect(now[1]).toBe(before[0]);
});

it("keeps what it knows while nobody answers", async () => {
  const requests = useRequestsStore();
  api.answer(ALL, { body: { running: [], ended: [request()] } });
  await requests.refresh();
  api.answer(ALL, { status: 500, body: {} });
  await requests.refresh();
  expect(requests.ended).toHaveLength(1);
  expect(requests.problem).not.toBeNull();
});

it("lets a late answer to an old filter not win over the new one", async () => {
  const requests = useRequestsStore();
  let answerLate: (answer: Answer) => void = () => undefined;
  api.answer(ALL, new Promise<Answer>((resolve) => (answerLate = resolve)));
  const first = requests.refresh();
  requests.filter.outcome = "failed";
  api.answer(`${ALL}&outcome=failed`, { body: { running: [], ended: [] } });
  await requests.refresh();
  answerLate({ body: { running: [], ended: [request()] } });
  await first;
  expect(requests.ended).toEqual([]);
});
