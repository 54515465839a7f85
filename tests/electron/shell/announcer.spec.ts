import { beforeEach, describe, expect, test } from "vitest";

import { AlertNews } from "../../../electron/src/api/alerts";
import { Announcer } from "../../../electron/src/shell/announcer";
import { words } from "../../../electron/src/shell/words";

const DOWN = { rule: "endpoint_failed", endpoint: "chat", incident_id: "i1" };

function alert(id: string, more: object = {}) {
  const text = { title: `title of ${id}`, message: `message of ${id}`, resolution_text: "" };
  return { id, ...text, rule: "gpu_memory", raised_ms: 1, resolved_ms: null, ...more };
}

function over(id: string, more: object = {}) {
  return alert(id, { resolved_ms: 2, resolution: "recovered", resolution_text: "well", ...more });
}

function alerts(active: unknown[], recent: unknown[] = [], enabled = true) {
  return { active, recent, channels: [{ kind: "desktop", enabled }] };
}

function incidents(...listed: [id: string, outcome: string][]) {
  const all = listed.map(([id, outcome]) => ({ id, outcome, endpoint: "chat", summary: "s" }));
  return { incidents: all };
}

describe("alerts", () => {
  let news: AlertNews;

  beforeEach(() => {
    news = new AlertNews();
    news.from(alerts([alert("old")], [over("older")]));
  });

  test("that were there before the first look are history, and their end is news", () => {
    expect(news.from(alerts([alert("old")], [over("older")]))).toEqual([]);
    expect(news.from(alerts([], [over("old"), over("older")]))).toMatchObject([
      { kind: "over", title: "title of old", text: "well" },
    ]);
  });

  test("are told once, oldest first", () => {
    const now = alerts([alert("b", { raised_ms: 9 }), alert("a", { raised_ms: 5 })]);
    expect(news.from(now).map((alarm) => alarm.title)).toEqual(["title of a", "title of b"]);
    expect(news.from(now)).toEqual([]);
  });

  test("that were withdrawn end without a word", () => {
    news.from(alerts([alert("a")]));
    expect(news.from(alerts([], [over("a", { resolution: "withdrawn" })]))).toEqual([]);
  });

  test("are not told where they are turned off for the desktop, nor afterwards", () => {
    expect(news.from(alerts([alert("a")], [], false))).toEqual([]);
    expect(news.from(alerts([alert("a")]))).toEqual([]);
  });

  test("survive an answer that is none", () => {
    const odd = [7, null, {}, { id: 1, title: "x" }, { id: "x", title: "x", raised_ms: "1" }];
    expect(news.from({})).toEqual([]);
    expect(news.from(alerts(odd))).toEqual([]);
    expect(news.from({ active: "x", recent: 1, channels: "y" })).toEqual([]);
  });

  test("do not fill the memory, and do not repeat what is still listed", () => {
    for (let nth = 0; nth < 700; nth += 1) {
      expect(news.from(alerts([alert(`n${nth}`)]))).toHaveLength(1);
    }
    expect(news.from(alerts([alert("n699")]))).toEqual([]);
  });
});

describe("one failure is told once", () => {
  let announcer: Announcer;

  beforeEach(() => {
    announcer = new Announcer();
    announcer.from(incidents(), alerts([]));
  });

  function titles(listed: object, now: object): string[] {
    const notices = announcer.from({ ...listed }, { ...now });
    return notices.map((notice) => notice.title);
  }

  test("when incident and alert are there at the same time", () => {
    const now = alerts([alert("a", DOWN)]);
    expect(titles(incidents(["i1", "failed"]), now)).toEqual([words.notices.failed("chat")]);
  });

  test("when the alert comes later", () => {
    const listed = incidents(["i1", "failed"]);
    expect(titles(listed, alerts([]))).toHaveLength(1);
    expect(titles(listed, alerts([alert("a", DOWN)]))).toEqual([]);
  });

  test("when the alert came first, since the server was away for long", () => {
    expect(titles(incidents(), alerts([alert("a", DOWN)]))).toEqual(["title of a"]);
    expect(titles(incidents(["i1", "failed"]), alerts([alert("a", DOWN)]))).toEqual([]);
  });

  test("and so is its end, by whichever tells of it first", () => {
    const listed = incidents(["i1", "failed"]);
    titles(listed, alerts([alert("a", DOWN)]));
    const healed = incidents(["i2", "healed"], ["i1", "failed"]);
    expect(titles(healed, alerts([alert("a", DOWN)]))).toEqual([words.notices.recovered("chat")]);
    expect(titles(healed, alerts([], [over("a", DOWN)]))).toEqual([]);
  });

  test("and its end is told by the alert when no incident does", () => {
    const listed = incidents(["i1", "failed"]);
    titles(listed, alerts([alert("a", DOWN)]));
    expect(titles(listed, alerts([], [over("a", DOWN)]))).toEqual([
      words.notices.recovered("chat"),
    ]);
  });

  test("while the next failure is told again", () => {
    titles(incidents(["i1", "failed"]), alerts([alert("a", DOWN)]));
    const next = alert("b", { ...DOWN, incident_id: "i2" });
    const listed = incidents(["i2", "failed"], ["i1", "failed"]);
    expect(titles(listed, alerts([next]))).toHaveLength(1);
  });

  test("and an alert without an incident is told for itself", () => {
    const alone = alert("a", { ...DOWN, incident_id: null });
    expect(titles(incidents(), alerts([alone]))).toEqual(["title of a"]);
  });

  test("and what is no model server is told in the alert's words", () => {
    expect(titles(incidents(), alerts([alert("hot")]))).toEqual(["title of hot"]);
    expect(titles(incidents(), alerts([], [over("hot")]))).toEqual([
      words.notices.over("title of hot"),
    ]);
  });
});
