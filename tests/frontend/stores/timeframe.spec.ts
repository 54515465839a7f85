import { beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";

import { useMetricsStore } from "../../../frontend/src/stores/metrics";
import { usePreferencesStore } from "../../../frontend/src/stores/preferences";
import { useTimeframeStore } from "../../../frontend/src/stores/timeframe";
import { hello, snapshot, T0, tick } from "../support/frames";
import { freshStores } from "../support/mountPart";

const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
  freshStores();
  const metrics = useMetricsStore();
  metrics.takeHello(hello(), false);
  metrics.takeSnapshot(snapshot());
  metrics.takeTick(tick(610));
  vi.advanceTimersToNextFrame();
});

describe("the time frame", () => {
  it("takes short ranges from the stream and long ones from the history", () => {
    const [timeframe, preferences] = [useTimeframeStore(), usePreferencesStore()];
    expect(timeframe.source).toBe("stream");
    expect(timeframe.span()).toEqual({ fromMs: T0 - 5 * MINUTE, toMs: T0 + 10 * MINUTE });
    preferences.rangeS = 86_400;
    expect(timeframe.source).toBe("history");
    timeframe.advance(T0);
    expect(timeframe.span()).toEqual({ fromMs: T0 - 86_400_000, toMs: T0 });
  });

  it("looks closely with the stream's samples while they reach back far enough", () => {
    const timeframe = useTimeframeStore();
    timeframe.zoomTo({ fromMs: T0 + MINUTE, toMs: T0 + 2 * MINUTE });
    expect(timeframe.source).toBe("stream");
    timeframe.zoomTo({ fromMs: T0 - MINUTE, toMs: T0 + 2 * MINUTE });
    expect(timeframe.source).toBe("history");
  });

  it("stands still while zoomed in, and follows the clock again afterwards", () => {
    const timeframe = useTimeframeStore();
    timeframe.zoomTo({ fromMs: T0, toMs: T0 + MINUTE });
    const before = timeframe.streamVersion;
    useMetricsStore().takeTick(tick(611));
    vi.advanceTimersToNextFrame();
    expect(timeframe.streamVersion).toBe(before);
    expect(timeframe.span()).toEqual({ fromMs: T0, toMs: T0 + MINUTE });
    timeframe.reset();
    expect(timeframe.span().toMs).toBe(T0 + 601_000);
  });

  it("never looks at the future, nor closer than the samples are", () => {
    const timeframe = useTimeframeStore();
    timeframe.zoomTo({ fromMs: T0 + 600_000, toMs: T0 + 600_100 });
    expect(timeframe.zoom).toEqual({ fromMs: T0 + 595_000, toMs: T0 + 600_000 });
    timeframe.shift(10);
    expect(timeframe.zoom?.toMs).toBe(T0 + 600_000);
  });

  it("moves and widens around the middle", () => {
    const timeframe = useTimeframeStore();
    timeframe.zoomTo({ fromMs: T0, toMs: T0 + 2 * MINUTE });
    timeframe.shift(0.5);
    expect(timeframe.zoom).toEqual({ fromMs: T0 + MINUTE, toMs: T0 + 3 * MINUTE });
    timeframe.zoomBy(2);
    expect(timeframe.zoom).toEqual({ fromMs: T0, toMs: T0 + 4 * MINUTE });
  });

  it("leaves the zoom when another range is chosen", async () => {
    const timeframe = useTimeframeStore();
    timeframe.zoomTo({ fromMs: T0, toMs: T0 + MINUTE });
    usePreferencesStore().rangeS = 3_600;
    await nextTick();
    expect(timeframe.zoom).toBeNull();
  });
});
