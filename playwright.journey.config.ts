import { defineConfig } from "@playwright/test";
import base from "./playwright.config";

/** `npm run journey`, which is no part of `npm test`. */
export default defineConfig(base, { testMatch: "**/team/journey.ts", timeout: 120_000 });
