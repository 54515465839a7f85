import { mount, type VueWrapper } from "@vue/test-utils";
import { createPinia, setActivePinia, type Pinia } from "pinia";
import type { Component } from "vue";
import { createMemoryHistory } from "vue-router";

import { createPages } from "../../../frontend/src/router";

/** A fresh set of stores, active until the next one. */
export function freshStores(): Pinia {
  const pinia = createPinia();
  setActivePinia(pinia);
  return pinia;
}

/** Mount a component in the document, with the active stores and the real routes. */
export function mountPart(
  part: Component,
  props: Record<string, unknown> = {},
  options: { pinia?: Pinia; slots?: Record<string, string> } = {},
): VueWrapper {
  return mount(part, {
    props,
    slots: options.slots ?? {},
    attachTo: document.body,
    // The real transitions: dialogs say that they are open, or closed, at their end.
    global: {
      stubs: { transition: false },
      plugins: [options.pinia ?? freshStores(), createPages(createMemoryHistory())],
    },
  }) as VueWrapper;
}
