import { createPinia } from "pinia";
import { createApp } from "vue";

import App from "./App.vue";
import { createPages, fetchPagesAhead } from "./router";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/touch.css";

const FETCH_AHEAD_MS = 1_000;

const pages = createPages();
createApp(App).use(createPinia()).use(pages).mount("#app");
void pages.isReady().then(() => setTimeout(fetchPagesAhead, FETCH_AHEAD_MS));
