import { createRouter, createWebHistory, type Router, type RouterHistory } from "vue-router";

import { text } from "./i18n";
import OverviewView from "./views/OverviewView.vue";

/** Not in the first load, but fetched soon after it. */
const LATER = {
  endpoints: () => import("./views/EndpointsView.vue"),
  endpoint: () => import("./views/EndpointView.vue"),
  machine: () => import("./views/MachineView.vue"),
  fleet: () => import("./views/FleetView.vue"),
  host: () => import("./views/HostView.vue"),
  gateway: () => import("./views/GatewayView.vue"),
  playground: () => import("./views/PlaygroundView.vue"),
  recovery: () => import("./views/RecoveryView.vue"),
  alerts: () => import("./views/AlertsView.vue"),
  settings: () => import("./views/SettingsView.vue"),
  setup: () => import("./views/SetupView.vue"),
  logs: () => import("./views/LogsView.vue"),
  notFound: () => import("./views/NotFoundView.vue"),
};

/** The pages. Only the first one is in the first load. */
export function createPages(history: RouterHistory = createWebHistory()): Router {
  const router = createRouter({
    history,
    routes: [
      { path: "/", name: "overview", component: OverviewView },
      { path: "/endpoints", name: "endpoints", component: LATER.endpoints },
      // Names stand in the query: a dot in a path means a file to the sidecar.
      {
        path: "/endpoints/detail",
        name: "endpoint",
        component: LATER.endpoint,
        meta: { section: "endpoints" },
      },
      { path: "/machine", name: "machine", component: LATER.machine },
      { path: "/fleet", name: "fleet", component: LATER.fleet },
      { path: "/fleet/host", name: "host", component: LATER.host, meta: { section: "fleet" } },
      { path: "/gateway", name: "gateway", component: LATER.gateway },
      { path: "/playground", name: "playground", component: LATER.playground },
      { path: "/recovery", name: "recovery", component: LATER.recovery },
      { path: "/alerts", name: "alerts", component: LATER.alerts },
      { path: "/settings", name: "settings", component: LATER.settings },
      { path: "/setup", name: "setup", component: LATER.setup },
      { path: "/logs", name: "logs", component: LATER.logs },
      { path: "/:rest(.*)*", name: "not-found", component: LATER.notFound },
    ],
    scrollBehavior(to, _from, saved) {
      // By id, not as a selector: names of endpoints may hold any character.
      const target = to.hash === "" ? null : document.getElementById(decodeURI(to.hash.slice(1)));
      return target === null ? (saved ?? { top: 0 }) : { el: target, top: 76 };
    },
  });
  router.afterEach((to) => {
    const { name, host } = to.query;
    const one = [name, host].find((given) => typeof given === "string");
    const page = TITLES[String(to.name)] ?? (to.meta["section"] === undefined ? undefined : one);
    document.title = page === undefined ? text.product : `${page} · ${text.product}`;
  });
  return router;
}

/**
 * Fetch the other pages ahead of time: they can then be opened while the sidecar is away, and
 * after an update that has replaced their files.
 */
export function fetchPagesAhead(): void {
  for (const load of Object.values(LATER)) {
    load().catch(() => {
      // Opening the page tries again.
    });
  }
}

const TITLES: Readonly<Record<string, string>> = {
  overview: text.nav.overview,
  endpoints: text.nav.endpoints,
  recovery: text.nav.recovery,
  alerts: text.nav.alerts,
  settings: text.nav.settings,
  machine: text.nav.machine,
  fleet: text.nav.fleet,
  gateway: text.nav.gateway,
  playground: text.nav.playground,
  setup: text.nav.setup,
  logs: text.nav.logs,
};
