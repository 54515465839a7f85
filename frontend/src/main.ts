import { createPinia } from "pinia";
import { createApp } from "vue";

import App from "./App.vue";
import { createPages } from "./router";
import "./styles/tokens.css";
import "./styles/base.css";

createApp(App).use(createPinia()).use(createPages()).mount("#app");
