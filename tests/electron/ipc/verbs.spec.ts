import { beforeEach, describe, expect, test } from "vitest";

import { PREFIX, readChange, SET_CHANNEL, VERBS } from "../../../electron/src/ipc/channels";
import { type Answers, registerVerbs, type Sender } from "../../../electron/src/ipc/register";

const LOCAL = "data:text/html,local";
const KNOWN = { origin: "http://127.0.0.1:8585", localPage: LOCAL };
const HOME: Sender = { isMainFrame: true, url: LOCAL };

let channels: Map<string, (sender: Sender, ...given: readonly unknown[]) => unknown>;
let done: unknown[];
let logged: string[];

beforeEach(() => {
  channels = new Map();
  done = [];
  logged = [];
  const verbs = VERBS.map((verb) => [verb, () => done.push(verb)] as const);
  const answers = {
    ...Object.fromEntries(verbs),
    setSetting: (change: unknown) => done.push(change),
  } as Answers;
  registerVerbs(
    { handle: (channel, answer) => channels.set(channel, answer) },
    answers,
    () => KNOWN,
    (text) => logged.push(text),
  );
});

function ask(channel: string, sender: Sender, ...given: unknown[]) {
  const answer = channels.get(channel);
  if (answer === undefined) throw new Error(`no ${channel}`);
  return answer(sender, ...given);
}

test("there are these verbs and no others, all with our prefix", () => {
  expect([...channels.keys()].sort()).toEqual(
    [...VERBS.map((verb) => PREFIX + verb), SET_CHANNEL].sort(),
  );
});

describe.each(VERBS)("%s", (verb) => {
  test("is done for the dashboard and for the shell's own page", () => {
    ask(PREFIX + verb, HOME);
    ask(PREFIX + verb, { isMainFrame: true, url: `${KNOWN.origin}/logs` }, undefined);
    expect(done).toEqual([verb, verb]);
  });

  test.each([
    ["another page", { isMainFrame: true, url: "http://127.0.0.1:1234/" }],
    ["a foreign page", { isMainFrame: true, url: "https://example.com/" }],
    ["another data page", { isMainFrame: true, url: `${LOCAL}2` }],
    ["a frame in our page", { isMainFrame: false, url: `${KNOWN.origin}/` }],
    ["nobody", { isMainFrame: false, url: "" }],
  ])("is refused to %s", (_name, sender) => {
    expect(() => ask(PREFIX + verb, sender)).toThrow(/may not/);
    expect(done).toEqual([]);
    expect(logged).toHaveLength(1);
  });

  test("takes no argument", () => {
    expect(() => ask(PREFIX + verb, HOME, "rm")).toThrow(/takes nothing/);
    expect(done).toEqual([]);
  });
});

describe("changing a setting", () => {
  test("takes a known switch and a position", () => {
    ask(SET_CHANNEL, HOME, { name: "keepModels", value: true });
    expect(done).toEqual([{ name: "keepModels", value: true }]);
  });

  test.each([
    [undefined],
    [null],
    ["keepModels"],
    [{ name: "keepModels" }],
    [{ name: "keepModels", value: "true" }],
    [{ name: "constructor", value: true }],
    [{ name: "port", value: true }],
    [{ name: "keepModels", value: true, more: 1 }],
    [["keepModels", true]],
  ])("does not take %j", (argument) => {
    expect(readChange(argument)).toBeNull();
    expect(() => ask(SET_CHANNEL, HOME, argument)).toThrow(/no such setting/);
    expect(done).toEqual([]);
  });

  test("does not take two at once", () => {
    const change = { name: "keepModels", value: true };
    expect(() => ask(SET_CHANNEL, HOME, change, change)).toThrow(/no such setting/);
  });
});
