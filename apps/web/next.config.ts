import path from "node:path";
import type { NextConfig } from "next";

/** Of the public address: a build is for one. */
const publicUrl = process.env.TANDEM_PUBLIC_URL;
const basePath = publicUrl ? new URL(publicUrl).pathname.replace(/\/+$/, "") : "";

// A page and its worker are cross-origin isolated (threads for wasm) only if both carry these.
const isolation = [
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Embedder-Policy", value: "require-corp" },
];

const config: NextConfig = {
  distDir: process.env.TANDEM_WEB_BUILD ?? ".next",
  poweredByHeader: false,
  reactStrictMode: true,
  basePath,
  env: { NEXT_PUBLIC_BASE_PATH: basePath },
  transpilePackages: [
    "@tandem/client",
    "@tandem/core",
    "@tandem/engine",
    "@tandem/intake",
    "@tandem/models",
    "@tandem/protocol",
    "@tandem/storage",
    "@tandem/strategies",
    "@tandem/transport",
  ],
  // The project's own `tsc -p .` checks types.
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: path.resolve(import.meta.dirname, "../..") },
  headers: async () => [
    { source: "/join/:path*", headers: isolation },
    { source: "/_next/static/:path*", headers: isolation },
  ],
};

export default config;
