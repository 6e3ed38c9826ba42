import { defineConfig } from "drizzle-kit";

/** Paths are relative to the root, where `npm run db:generate` runs. */
export default defineConfig({
  dialect: "postgresql",
  schema: ["./packages/storage/src/schema.ts", "./packages/storage/src/accounts-schema.ts"],
  out: "./packages/storage/migrations",
});
