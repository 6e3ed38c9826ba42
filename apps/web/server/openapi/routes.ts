import { lazily } from "@tandem/core/lazily";
import { json } from "@tandem/transport/replies";
import { get } from "../accounts/route-parts";
import type { Route } from "../router";
import { openApi } from "./document";

/** The reference of the REST interface, for programs. */
export function openApiRoutes(): readonly Route[] {
  const made = lazily(async () => openApi());
  return [get("/api/openapi.json", async () => json(await made.get()))];
}
