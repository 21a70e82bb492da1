import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [tailwindcss()],
  build: {
    assetsInlineLimit: 0, // small fonts as files too: the content security policy allows no data: fonts
    rolldownOptions: { checks: { moduleLevelDirective: false, pluginTimings: false } }, // "use client" means nothing here
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000" } },
});
