import type { Coordinator } from "@tandem/coordinator/coordinator";
import { TandemError } from "@tandem/core/errors";
import type { ExperimentStore } from "@tandem/core/stores";
import { file, json } from "@tandem/transport/replies";
import { requireOperator, type ServerMetrics } from "./metrics";
import type { Route } from "./router";

/** For whoever runs the server: is the process alive, may it be sent traffic, how is it doing. */
export function healthRoutes(options: {
  readonly coordinator: Coordinator;
  readonly store: ExperimentStore;
  readonly metrics: ServerMetrics;
  readonly metricsToken: string | undefined;
  /** Whether others reach this machine through a proxy or a public address. */
  readonly isPublic: boolean;
  readonly isDraining: () => boolean;
}): readonly Route[] {
  const { coordinator, store, metrics, metricsToken: token, isPublic, isDraining } = options;
  const get = (path: string, handle: Route["handle"]): Route => ({ method: "GET", path, handle });
  return [
    get("/healthz", async () => json({ ok: true })),
    get("/readyz", async () => {
      if (isDraining()) throw new TandemError("unavailable", "the server is closing");
      await store.list(); // the database answers
      return json({ ok: true });
    }),
    get("/metrics", async ({ request }) => {
      requireOperator(request, { token, isPublic });
      return file(await metrics.text(coordinator), metrics.contentType, {
        "cache-control": "no-store",
      });
    }),
  ];
}
