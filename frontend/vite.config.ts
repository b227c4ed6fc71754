import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const api = "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  // Addresses in the page begin with a slash, before which the server puts its path; those in scripts are relative.
  experimental: { renderBuiltUrl: (name, { hostType }) => (hostType === "html" ? `/${name}` : { relative: true }) },
  build: { chunkSizeWarningLimit: 600, target: "es2022", assetsInlineLimit: 0, reportCompressedSize: true },
  test: { environment: "happy-dom", include: ["src/tests/*.test.ts"] },
  server: { proxy: { "/api": api, "/readyz": api } },
});
