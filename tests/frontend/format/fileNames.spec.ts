import { describe, expect, it } from "vitest";

import { exportName, fileSafe } from "../../../frontend/src/format/fileNames";

describe("names of saved files", () => {
  it("hold the host, what it is and the range", () => {
    const span = { fromMs: Date.UTC(2026, 10, 22, 1), toMs: Date.UTC(2026, 10, 22, 2, 3, 4) };
    expect(exportName("box.lan", "endpoint/demo/rss_bytes", span, "csv")).toBe(
      "box.lan_endpoint-demo-rss_bytes_20261122T010000Z_20261122T020304Z.csv",
    );
  });

  it("hold nothing that leads to another folder", () => {
    expect(fileSafe("../../etc/passwd")).toBe("etc-passwd");
    expect(fileSafe("a:b*c?")).toBe("a-b-c");
  });
});
