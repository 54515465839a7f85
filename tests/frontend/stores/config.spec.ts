import { beforeEach, describe, expect, it } from "vitest";

import { useAccessStore } from "../../../frontend/src/stores/access";
import { useConfigStore } from "../../../frontend/src/stores/config";
import type { EventBody } from "../../../frontend/src/wire/frames";
import {
  changed,
  configDocument,
  DOCUMENT,
  MAY_NOT,
  problem,
  serveConfig,
} from "../support/config";
import { FakeApi } from "../support/fakeApi";
import { freshStores } from "../support/mountPart";

let api: FakeApi;
let config: ReturnType<typeof useConfigStore>;

const OTHER = configDocument({ version: "v2", document: { ...DOCUMENT, check_interval: 9 } });

beforeEach(async () => {
  freshStores();
  api = new FakeApi();
  serveConfig(api);
  config = useConfigStore();
  await config.load();
});

function told(version: string, problems: { path: string; message: string; hint: string }[] = []) {
  return { kind: "config", version, origin: "file", problems } as EventBody;
}

describe("the draft", () => {
  it("is dirty once something differs, and clean again when it is put back", () => {
    config.set(["check_interval"], 7);
    expect(config.isDirty).toBe(true);
    config.set(["check_interval"], undefined);
    expect(config.isDirty).toBe(false);
  });

  it("is saved with the version that it began with, secrets as they came", async () => {
    config.set(["check_interval"], 7);
    const saved = { ...DOCUMENT, check_interval: 7 };
    api.answer("/api/config", {
      body: changed(configDocument({ version: "v2", document: saved })),
    });
    expect(await config.save()).toBe("saved");
    expect(api.asked.at(-1)).toMatchObject({
      method: "PUT",
      body: { version: "v1", document: saved },
    });
    expect(config.isDirty).toBe(false);
    expect(config.effect?.replaced).toEqual(["web"]);
  });

  it("that is refused keeps every problem until its place is changed", async () => {
    const problems = [
      { path: "endpoints[0].port", message: "too large", hint: "" },
      { path: "endpoints[0].start_command[1]", message: "empty", hint: "" },
    ];
    config.set(["endpoints", 0, "port"], 99999);
    api.answer("/api/config", problem(422, "bad_config", { problems }));
    expect(await config.save()).toBe("refused");
    expect(config.problemsAt(["endpoints", 0, "port"])).toHaveLength(1);
    expect(config.problemsWithin(["endpoints", 0])).toHaveLength(2);
    expect(config.problemsWithin(["endpoints", 0, "start"])).toEqual([]);
    config.set(["endpoints", 0, "port"], 81);
    expect(config.problems.map((one) => one.path)).toEqual(["endpoints[0].start_command[1]"]);
  });

  it("can no longer be saved once the session has ended, and says what to do", async () => {
    config.set(["check_interval"], 7);
    api.answer("/api/config", problem(401, "no_token", { hint: MAY_NOT.hint }));
    await expect(config.save()).rejects.toMatchObject({ status: 401 });
    expect(useAccessStore().known).toEqual(MAY_NOT);
    expect(config.isDirty).toBe(true);
  });
});

describe("somebody else who saves first", () => {
  beforeEach(async () => {
    config.set(["check_interval"], 7);
    api.answer("/api/config", { body: OTHER });
    await config.takeEvent(told("v2"));
  });

  it("costs nothing: both versions stand side by side", () => {
    expect(config.theirs?.version).toBe("v2");
    expect(config.draft["check_interval"]).toBe(7);
  });

  it("is replaced by the next save when mine is kept", async () => {
    config.keepMine();
    api.answer("/api/config", { body: changed(OTHER) });
    await config.save();
    expect(api.asked.at(-1)?.body).toMatchObject({
      version: "v2",
      document: { check_interval: 7 },
    });
  });

  it("is taken over when theirs is taken", () => {
    config.takeTheirs();
    expect(config.draft["check_interval"]).toBe(9);
    expect(config.isDirty).toBe(false);
  });
});

describe("a change from elsewhere", () => {
  it("is shown at once when nobody is in the middle of changing something", async () => {
    api.answer("/api/config", { body: OTHER });
    await config.takeEvent(told("v2"));
    expect(config.draft["check_interval"]).toBe(9);
    expect(config.theirs).toBeNull();
  });

  it("that cannot run is told of, and what runs stays", async () => {
    await config.takeEvent(told("v1", [{ path: "chek", message: "unknown key", hint: "" }]));
    expect(config.fileProblems).toHaveLength(1);
    expect(config.draft).toEqual(DOCUMENT);
  });
});

it("returns to a backup by its id", async () => {
  api.answer("/api/config/rollback", { body: changed(OTHER) });
  const [backup] = configDocument().backups;
  if (backup === undefined) throw new Error("no backup");
  expect(await config.rollback(backup)).toBe("saved");
  expect(api.asked.at(-1)?.body).toEqual({ backup: "b1" });
  expect(config.present?.version).toBe("v2");
});
