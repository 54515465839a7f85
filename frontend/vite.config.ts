import { fileURLToPath, URL } from "node:url";

import vue from "@vitejs/plugin-vue";
import { ElementPlusResolver } from "unplugin-vue-components/resolvers";
import Components from "unplugin-vue-components/vite";
import { defineConfig } from "vite";

/** Where `npm run dev` finds the sidecar; the built page is served by the sidecar itself. */
const SIDECAR = "http://127.0.0.1:8585";

/** The address of the page as the sidecar would serve it, so that its Origin check agrees. */
function asSidecarPage(request: { setHeader(name: string, value: string): void }): void {
  request.setHeader("origin", SIDECAR);
}

function proxied(ws: boolean) {
  return {
    target: SIDECAR,
    changeOrigin: true,
    ws,
    configure(proxy: { on(event: string, listener: typeof asSidecarPage): unknown }): void {
      proxy.on("proxyReq", asSidecarPage);
      proxy.on("proxyReqWs", asSidecarPage);
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [
    vue(),
    // Takes in only the Element Plus components that templates name, with their styles.
    Components({ dts: false, dirs: [], resolvers: [ElementPlusResolver({ importStyle: "css" })] }),
  ],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    // The page is served from this computer: one look at the list of files is worth more.
    reportCompressedSize: false,
  },
  server: {
    host: "127.0.0.1",
    port: 5173,
    strictPort: true,
    proxy: { "/api": proxied(false), "/metrics": proxied(true) },
  },
});
