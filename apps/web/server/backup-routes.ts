import { json } from "@tandem/transport/replies";
import { get, post } from "./accounts/route-parts";
import type { Backups } from "./backups";
import type { Route } from "./router";

/** Which backups there are, and one more: it is made after the answer. */
export const backupRoutes = (backups: Pick<Backups, "now" | "view">): readonly Route[] => [
  get("/api/backups", async () => json(await backups.view())),
  post("/api/backups", async () => {
    backups.now();
    return json(await backups.view(), 202);
  }),
];
