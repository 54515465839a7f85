import { describe, expect, it } from "vitest";

import {
  endpointIndexOf,
  focusPlace,
} from "../../../../frontend/src/components/settings/fieldPlace";

describe("focusPlace", () => {
  it("goes to the field, or to the nearest one around it, and opens what hides it", () => {
    document.body.innerHTML =
      '<details><fieldset id="field-endpoints[0].stop" tabindex="-1"></fieldset></details>' +
      '<input id="field-endpoints[0].name" />';
    expect(focusPlace("endpoints[0].name")).toBe(true);
    expect(document.activeElement?.id).toBe("field-endpoints[0].name");
    expect(focusPlace("endpoints[0].stop.grace_s")).toBe(true);
    expect(document.activeElement?.id).toBe("field-endpoints[0].stop");
    expect(document.querySelector("details")?.open).toBe(true);
  });

  it("says when there is no such field", () => {
    expect(focusPlace("endpoints[7].name")).toBe(false);
  });
});

it("knows which endpoint a problem is about", () => {
  expect(endpointIndexOf("endpoints[12].env.A")).toBe(12);
  expect(endpointIndexOf("alerts.channels[0].url")).toBeNull();
});
