import { describe, expect, it } from "vitest";

import {
  alertLook,
  channelFacts,
  channelLook,
  deliveryFacts,
  deliveryLook,
} from "../../../../frontend/src/components/alerts/alertLook";
import { alert, channel, delivery } from "../../support/alerts";
import { T0 } from "../../support/frames";

function plain(parts: string[]): string[] {
  return parts.map((part) => part.replaceAll("\u00a0", " "));
}

describe("alerts in words and shapes", () => {
  it("tell an alarm that holds from one that is over", () => {
    expect(alertLook(alert())).toEqual({ word: "Critical", icon: "cross", tone: "bad" });
    expect(alertLook(alert({ resolved_ms: T0 })).tone).toBe("off");
  });

  it("tell a first attempt from another one, and when the next is", () => {
    expect(deliveryLook(delivery()).word).toBe("Waiting");
    const again = delivery({ attempts: 2, next_attempt_ms: T0 + 4500, reason: "no route" });
    expect(deliveryLook(again).word).toBe("Trying again");
    expect(plain(deliveryFacts(again, T0))).toEqual(["2 attempts", "next in 5 s", "no route"]);
    expect(deliveryFacts(delivery({ state: "sent", attempts: 1 }), T0)).toEqual([]);
  });

  it("tell how well a channel works", () => {
    const paused = channel({ health: "paused", waiting: 2, paused_until_ms: T0 + 30_000 });
    expect(channelLook(paused)).toMatchObject({ word: "Fails, paused", tone: "bad" });
    expect(plain(channelFacts(paused, T0))).toEqual([
      "is told warnings and worse",
      "2 waiting",
      "tried again in 30 s",
    ]);
  });
});
