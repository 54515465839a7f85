import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { describe, expect, it } from "vitest";

import { LogBuffer } from "../../../frontend/src/components/logBuffer";
import LogTail from "../../../frontend/src/components/LogTail.vue";
import { mountPart } from "../support/mountPart";

const buffer = new LogBuffer();

function add(...texts: string[]): LogBuffer["shown"] {
  buffer.add(texts.map((text) => ({ source: "demo", t_ms: null, level: "error", text })));
  return buffer.shown;
}

/** jsdom lays nothing out: say how high things are. */
function layOut(box: Element, scrollTop: number): void {
  Object.defineProperty(box, "scrollHeight", { configurable: true, value: 1000 });
  Object.defineProperty(box, "clientHeight", { configurable: true, value: 200 });
  box.scrollTop = scrollTop;
}

async function scrolled(wrapper: VueWrapper, scrollTop: number): Promise<void> {
  const box = wrapper.get("[role=region]");
  layOut(box.element, scrollTop);
  await box.trigger("scroll");
}

async function atTheEnd(): Promise<VueWrapper> {
  const wrapper = mountPart(LogTail, { lines: add("a"), label: "Log of demo" });
  await flushPromises();
  await scrolled(wrapper, 800);
  return wrapper;
}

describe("LogTail", () => {
  it("keeps up with the log", async () => {
    const wrapper = mountPart(LogTail, { lines: add("a"), label: "Log of demo" });
    layOut(wrapper.get("[role=region]").element, 800);
    await wrapper.setProps({ lines: add("b") });
    await flushPromises();
    expect(wrapper.get("[role=region]").element.scrollTop).toBe(1000);
    expect(wrapper.find("button").exists()).toBe(false);
  });

  it("stops following when somebody scrolls up, and counts what is new", async () => {
    const wrapper = await atTheEnd();
    await scrolled(wrapper, 300);
    await wrapper.setProps({ lines: add("b", "c") });
    await flushPromises();
    expect(wrapper.get("[role=region]").element.scrollTop).toBe(300);
    expect(wrapper.get("button").text()).toBe("Jump to latest (2 new)");
    await wrapper.get("button").trigger("click");
    expect(wrapper.get("[role=region]").element.scrollTop).toBe(1000);
    expect(wrapper.find("button").exists()).toBe(false);
  });

  it("follows again when somebody scrolls back to the end", async () => {
    const wrapper = await atTheEnd();
    await scrolled(wrapper, 300);
    await scrolled(wrapper, 790);
    expect(wrapper.find("button").exists()).toBe(false);
  });

  it("goes on following when rows only turn out higher than they were thought to be", async () => {
    const wrapper = await atTheEnd();
    const box = wrapper.get("[role=region]");
    Object.defineProperty(box.element, "scrollHeight", { configurable: true, value: 1400 });
    await box.trigger("scroll");
    expect(wrapper.find("button").exists()).toBe(false);
  });

  it("can be reached by keyboard and names its log", () => {
    const wrapper = mountPart(LogTail, { lines: add("x"), label: "Log of demo" });
    const region = wrapper.get("[role=region]");
    expect(region.attributes()).toMatchObject({ tabindex: "0", "aria-label": "Log of demo" });
    expect(region.findAll("li").at(-1)?.classes()).toContain("tone-bad");
  });
});
