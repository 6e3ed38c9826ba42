import { begin, createWorld } from "@tandem/coordinator/testing/world";
import { statusOf } from "@tandem/transport/replies";
import { expect, it } from "vitest";
import * as z from "zod/mini";
import { access } from "../access";
import { openServer } from "../testing/open-server";
import type { RouteName } from "./describe";
import { described, errorsOf, jsonSchemaOf, openApi, routeNames } from "./document";
import { type AnswerName, answers } from "./views";

it("every route of access.ts is described, and no other", () => {
  const listed = Object.keys(access.routes);
  const known = Object.keys(described);
  const missing = listed.filter((name) => !known.includes(name));
  expect(missing, "describe these in a file of apps/web/server/openapi/").toEqual([]);
  expect(known.filter((name) => !listed.includes(name))).toEqual([]);
  for (const [name, { summary }] of Object.entries(described))
    expect(summary, name).toMatch(/^[A-Z].{9,}[^.]$/);
});

type Json = { readonly [name: string]: unknown };
function* refsIn(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value))
    if (name === "$ref") yield String(inner);
    else yield* refsIn(inner);
}

it("the document has an operation for each route, whose names and references hold", () => {
  const document = openApi() as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
    readonly components: { readonly schemas: Json };
  };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  expect(
    operations
      .map(({ path, method }) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`)
      .sort(),
  ).toEqual([...routeNames].sort());
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { path, operation } of operations) {
    const parameters = operation.parameters as readonly Json[];
    const inPath = parameters.filter((one) => one.in === "path").map(({ name }) => `{${name}}`);
    expect(path.match(/\{\w+\}/g) ?? []).toEqual(inPath);
  }
  const refs = [...refsIn(document)];
  expect(refs.length).toBeGreaterThan(100);
  const known = Object.keys(document.components.schemas);
  const lost = refs.filter((ref) => !known.includes(ref.replace("#/components/schemas/", "")));
  expect(lost).toEqual([]);
  expect(document.components.schemas).toHaveProperty("Experiment.properties.config");
});

it("who may use a route, and what it may answer, follow from the table", () => {
  expect(errorsOf("GET /api/me")).toEqual([]);
  expect(errorsOf("DELETE /api/experiments/:id")).toEqual([
    "forbidden",
    "not-found",
    "unauthorised",
  ]);
  expect(errorsOf("POST /api/experiments/import")).toContain("too-large");
  const { paths } = openApi() as { readonly paths: Readonly<Record<string, Json>> };
  const operation = (path: string, method: string) => (paths[path] as Record<string, Json>)[method];
  expect(operation("/api/experiments/import", "post")).toMatchObject({
    "x-who": "a researcher",
    "x-audit-action": "experiment.import",
    security: [{ session: [] }, { token: [] }],
  });
  expect(operation("/api/accounts", "get")).toMatchObject({ security: [{ session: [] }] });
  expect(operation("/api/me", "get")).toMatchObject({ security: [] });
});

/** As the schema has it, and nothing else. */
const faults = (name: AnswerName, value: unknown) => {
  const { error } = z.safeParse(answers[name] as z.ZodMiniType, value);
  return error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
};

it("what a server answers is what the reference says", async () => {
  const server = await openServer();
  const draft = { name: "Draft", strategy: "counter", dataset: "emoji-style" };
  const made = await fetch(`${server.url}/api/experiments`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(draft),
  });
  expect(made.status).toBe(described["POST /api/experiments"].answer.status);
  const { id } = await made.json();
  const wrong: unknown[] = [];
  for (const name of routeNames) {
    const [method, path] = name.split(" ");
    if (method !== "GET" || /^\/api\/(?!experiments\/:id).*:/.test(path)) continue;
    const response = await fetch(server.url + path.replace(":id", id).replace(/:\w+/g, "1"));
    const fault = await faultOf(name, response);
    if (fault !== undefined) wrong.push([name, response.status, fault]);
  }
  expect(wrong).toEqual([]);
});

async function faultOf(name: RouteName, response: Response): Promise<unknown> {
  const { answer } = described[name];
  const type = response.headers.get("content-type") ?? "";
  if (response.ok && "type" in answer && answer.type !== "application/json")
    return type.includes(answer.type.replace(/\*.*/, "")) ? undefined : type;
  const body = await response.json();
  if (!response.ok) {
    const told = errorsOf(name).map((code) => statusOf[code]);
    return told.includes(response.status) ? faults("Error", body).at(0) : body;
  }
  if (response.status !== answer.status) return `not ${answer.status}`;
  if (!("schema" in answer) || "type" in answer) return undefined;
  return (answer.isList ? body : [body])
    .flatMap((one: unknown) => faults(answer.schema, one))
    .at(0);
}

it("what has run is what the reference says", async () => {
  const world = createWorld();
  const { coordinator, id, ended } = await begin(world, [undefined, undefined, undefined]);
  await ended();
  expect(faults("Experiment", await coordinator.view(id))).toEqual([]);
  expect(faults("Curves", await coordinator.clientCurves(id))).toEqual([]);
  expect(faults("EventLog", await coordinator.events(id, {}))).toEqual([]);
  expect(faults("Experiment", { ...(await coordinator.view(id)), more: 1 })).not.toEqual([]);
});

it("bodies say which of their fields may be left out", () => {
  const { body } = described["POST /api/experiments"];
  expect(body && body !== "zip" && jsonSchemaOf(body, "input")).toMatchObject({
    required: ["name"],
    additionalProperties: false,
    properties: { rounds: { default: 5, minimum: 1, maximum: 1000 } },
  });
});
