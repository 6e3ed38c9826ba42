import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { createApi, follow } from "@tandem/cli/harness/rest-client";
import { freePort, type ServerProcess, startServer } from "@tandem/cli/harness/server-process";
import { placeTestDatabase } from "@tandem/storage/testing/test-database";
import { test } from "./harness";
import { type PageServer, servePage } from "./page-server";

const root = join(import.meta.dirname, "..");
let site: PageServer;
let directory: string;
let server: ServerProcess;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  site = await servePage({
    host: "127.0.0.1",
    html: await readFile(join(root, "examples/own-page/index.html"), "utf8"),
    scripts: {
      "/page.js": join(root, "examples/own-page/page.ts"),
      "/worker.js": join(root, "packages/client/src/tab/worker.ts"),
    },
  });
  directory = await mkdtemp(join(tmpdir(), "tandem-sdk-"));
});
test.afterEach(() => server.stop());
test.afterAll(async () => {
  site.close();
  await rm(directory, { recursive: true, force: true });
});

/** A server of its own with an experiment on own data, and the page from elsewhere. */
async function open(page: Page, allowed: string | undefined) {
  const data = join(directory, allowed === undefined ? "closed" : "open");
  await placeTestDatabase(data);
  server = await startServer({
    port: await freePort(),
    directory: data,
    apiOnly: true,
    environment: allowed === undefined ? {} : { TANDEM_ALLOWED_ORIGINS: allowed },
  });
  const api = createApi(server.url);
  const task = await api.createTask({
    name: "Shapes",
    classes: [{ name: "circle" }, { name: "square" }],
    modalities: ["image"],
    pictures: { size: 16 },
  });
  const { id } = await api.create({
    name: "Elsewhere",
    strategy: "local",
    dataset: task.id,
    rounds: 1,
    slots: 1,
    minClients: 1,
  });
  await api.start(id);
  const query = new URLSearchParams({ server: server.url, experiment: id, task: task.id });
  await page.goto(`${site.origin}/?${query}`);
  await page.getByRole("button", { name: "Take part" }).click();
  return { api, id, status: page.getByRole("status") };
}

test("a page of an allowed origin takes part with data that it has made", async ({ page }) => {
  const { api, id, status } = await open(page, `https://example.org, ${site.origin}`);
  const over = ({ status }: { readonly status: string }) => status === "finished";
  const { rounds, clients, measuredOn } = await follow(api, id, over, { timeoutMs: 60_000 });
  expect(rounds[0].uploads).toBe(1);
  expect(clients[0]).toMatchObject({ samples: 48, heldOut: 12, device: "wasm" });
  expect(measuredOn).toBe("held-out");
  await expect(status).toHaveText(/^finished, round 1, accuracy \d+ %$/);

  // What is the admin's stays closed to it.
  const asked = (path: string, init?: RequestInit) =>
    page.evaluate(
      ({ url, init }) =>
        fetch(url, init).then(
          ({ status }) => status,
          () => "not to be read",
        ),
      { url: `${server.url}${path}`, init },
    );
  expect(await asked(`/api/experiments/${id}/joining`)).toBe(200);
  expect(await asked(`/api/experiments/${id}`)).toBe("not to be read");
  expect(await asked("/api/tasks")).toBe("not to be read");
  expect(await asked(`/api/experiments/${id}`, { method: "DELETE" })).toBe("not to be read");
  expect(await asked(`/api/experiments/${id}/pause`, { method: "POST" })).toBe("not to be read");
  expect((await api.view(id)).status).toBe("finished");
});

test("a page of another origin is refused, and told how to be let in", async ({ page }) => {
  const { api, id, status } = await open(page, undefined);
  await expect(status).toHaveText(
    `Pages of ${site.origin} may not take part here: start the server with --allow-origin ${site.origin}`,
    { timeout: 30_000 },
  );
  expect((await api.view(id)).clients).toEqual([]);
});
