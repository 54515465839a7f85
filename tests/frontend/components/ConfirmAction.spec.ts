import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { describe, expect, it, vi } from "vitest";

import ConfirmAction from "../../../frontend/src/components/ConfirmAction.vue";
import { mountPart } from "../support/mountPart";

/** Dialogs come and go in frames, of which a busy computer draws few. */
const PATIENCE = { timeout: 30_000 };

async function opened(more: Record<string, unknown> = {}): Promise<VueWrapper> {
  const wrapper = mountPart(ConfirmAction, {
    open: false,
    title: "Emergency heal?",
    body: "These are repaired at once.",
    targets: ["demo", "ollama"],
    confirmLabel: "Heal now",
    danger: true,
    ...more,
  });
  await wrapper.setProps({ open: true });
  await flushPromises();
  return wrapper;
}

describe("ConfirmAction", () => {
  it("names the consequence and every target", async () => {
    const dialog = (await opened()).get("[role=dialog]");
    expect(dialog.attributes("aria-label")).toBe("Emergency heal?");
    expect(dialog.text()).toContain("These are repaired at once.");
    expect(dialog.findAll("li").map((item) => item.text())).toEqual(["demo", "ollama"]);
  });

  it("gives the focus to the button that does nothing", async () => {
    const wrapper = await opened();
    await vi.waitFor(() => {
      expect(document.activeElement).toBe(wrapper.get("[data-test=cancel]").element);
    }, PATIENCE);
  });

  it("gives the focus back to what asked", async () => {
    const asker = document.body.appendChild(document.createElement("button"));
    asker.focus();
    const wrapper = await opened();
    const cancel = wrapper.get<HTMLElement>("[data-test=cancel]").element;
    await vi.waitFor(() => {
      expect(document.activeElement).toBe(cancel);
    }, PATIENCE);
    await wrapper.setProps({ open: false });
    await vi.waitFor(() => {
      expect(document.activeElement).toBe(asker);
    }, PATIENCE);
    asker.remove();
  });

  it("confirms only by its own button", async () => {
    const wrapper = await opened();
    await wrapper.get("[data-test=cancel]").trigger("click");
    expect(wrapper.emitted("confirm")).toBeUndefined();
    expect(wrapper.emitted("cancel")).toHaveLength(1);
    await wrapper.get("[data-test=confirm]").trigger("click");
    expect(wrapper.emitted("confirm")).toHaveLength(1);
  });

  it("takes the cross for a no", async () => {
    const wrapper = await opened();
    await wrapper.get(".el-dialog__headerbtn").trigger("click");
    await vi.waitFor(() => {
      expect(wrapper.emitted("cancel")).toHaveLength(1);
    }, PATIENCE);
  });

  it("leaves only closing when there is nothing to confirm", async () => {
    const wrapper = await opened({ disabled: true, targets: [] });
    expect(wrapper.find("[data-test=confirm]").exists()).toBe(false);
    expect(wrapper.get("[data-test=cancel]").text()).toBe("Close");
  });
});
