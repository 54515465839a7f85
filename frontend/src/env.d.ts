/// <reference types="vite/client" />
/// <reference types="element-plus/global" />

/** For tools that cannot look into single-file components; vue-tsc does. */
declare module "*.vue" {
  import type { DefineComponent } from "vue";

  const component: DefineComponent;
  export default component;
}
