import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [tailwindcss()],
  build: { rolldownOptions: { checks: { moduleLevelDirective: false } } }, // "use client" means nothing in this app
  server: { proxy: { "/api": "http://127.0.0.1:8000" } },
});
