import { createRouter, createWebHistory, type Router, type RouterHistory } from "vue-router";

import { text } from "./i18n";
import OverviewView from "./views/OverviewView.vue";

/** The pages. Only the first one is in the first load. */
export function createPages(history: RouterHistory = createWebHistory()): Router {
  const router = createRouter({
    history,
    routes: [
      { path: "/", name: "overview", component: OverviewView },
      {
        path: "/endpoints",
        name: "endpoints",
        component: () => import("./views/EndpointsView.vue"),
      },
      { path: "/recovery", name: "recovery", component: () => import("./views/RecoveryView.vue") },
      { path: "/alerts", name: "alerts", component: () => import("./views/AlertsView.vue") },
      { path: "/settings", name: "settings", component: () => import("./views/SettingsView.vue") },
      { path: "/setup", name: "setup", component: () => import("./views/SetupView.vue") },
      { path: "/logs", name: "logs", component: () => import("./views/LogsView.vue") },
      {
        path: "/:rest(.*)*",
        name: "not-found",
        component: () => import("./views/NotFoundView.vue"),
      },
    ],
    scrollBehavior(to, _from, saved) {
      // By id, not as a selector: names of endpoints may hold any character.
      const target = to.hash === "" ? null : document.getElementById(decodeURI(to.hash.slice(1)));
      return target === null ? (saved ?? { top: 0 }) : { el: target, top: 76 };
    },
  });
  router.afterEach((to) => {
    const page = TITLES[String(to.name)];
    document.title = page === undefined ? text.product : `${page} · ${text.product}`;
  });
  return router;
}

const TITLES: Readonly<Record<string, string>> = {
  overview: text.nav.overview,
  endpoints: text.nav.endpoints,
  recovery: text.nav.recovery,
  alerts: text.nav.alerts,
  settings: text.nav.settings,
  setup: text.nav.setup,
  logs: text.nav.logs,
};
