import { experiment } from "@tandem/coordinator/testing/world";
import type { ExperimentView } from "@tandem/protocol/view";
import { expect, test } from "vitest";
import { openServer } from "./testing/open-server";

type Server = Awaited<ReturnType<typeof openServer>>;

const asking = ({ url }: Pick<Server, "url">) => ({
  async list(query = "") {
    const response = await fetch(`${url}/api/experiments?${query}`);
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(body));
    const views = body as readonly ExperimentView[];
    const names = views.map(({ config }) => config.name);
    const next = /^<\?(.+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
    return { views, names, next, total: Number(response.headers.get("x-total-count")) };
  },
  send: async (method: string, path: string, body: object) => {
    const response = await fetch(`${url}/api/${path}`, { method, body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  },
});

test("what is noted about an experiment is checked, kept, and no event of it", async () => {
  const server = await openServer();
  const { send, list } = asking(server);
  const { id } = await server.coordinator.create(experiment({ name: "Leaves" }));
  expect((await list()).views[0]).toMatchObject({
    ...{ tags: [], note: "", group: null, archived: false },
  });
  const before = await server.store.get(id);
  const labels = { tags: ["skew", " α 👩‍🔬 "], note: "**why**", group: "Sweep", archived: true };
  const changed = await send("PATCH", `experiments/${id}/labels`, labels);
  const kept = { ...labels, tags: ["skew", "α 👩‍🔬"] };
  expect(changed).toMatchObject({ status: 200, body: { id, ...kept } });
  expect(await server.store.get(id)).toEqual({ ...before, ...kept });
  await send("PATCH", `experiments/${id}/labels`, { group: null, archived: false });
  await server.coordinator.start(id); // the next event writes the record, labels and all
  expect(await server.store.get(id)).toMatchObject({ ...kept, group: null, archived: false });
  for (const [wrong, why] of [
    [{ tags: ["a", "A"] }, /^tags: one is there twice/],
    [{ tags: ["\u200b"] }, /^tags\.0: a tag must show something/],
    [{ tags: ["a\u202eb"] }, /^tags\.0: a tag must show something/],
    [{ tags: ["x".repeat(33)] }, /^tags\.0: a tag has at most 32/],
    [{ tags: Array.from({ length: 17 }, (_, i) => `${i}`) }, /^tags: at most 16/],
    [{ note: "x".repeat(4001) }, /^note: at most 4,000/],
    [{ group: " " }, /^group: a group's name must show/],
    [{ name: "Roots" }, /name/],
  ] as const) {
    const { status, body } = await send("PATCH", `experiments/${id}/labels`, wrong);
    expect([status, body.error.code]).toEqual([400, "bad-config"]);
    expect(body.error.message).toMatch(why);
  }
  expect((await send("PATCH", "experiments/none/labels", {})).status).toBe(404);
});

test("experiments are found by words, tags, group, standing and what they are on", async () => {
  const server = await openServer();
  const { list } = asking(server);
  const named = async (name: string, labels = {}, changes = {}) => {
    const { id } = await server.coordinator.create(experiment({ name, ...changes }));
    await server.coordinator.label(id, labels);
    return id;
  };
  await named("Oak", { tags: ["Tree", "green"], note: "of Ada's garden" });
  await named("Fir", { tags: ["tree"], group: "Trees" });
  await named("Old", { archived: true });
  const started = await named("Elm", { group: "Trees" });
  await server.coordinator.start(started);
  const found = async (query: string) => [...(await list(query)).names].sort();
  expect(await found("")).toEqual(["Elm", "Fir", "Oak"]);
  expect(await found("archived=true")).toEqual(["Old"]);
  expect(await found("archived=all")).toHaveLength(4);
  expect(await found("q=GARDEN+ada")).toEqual(["Oak"]);
  expect(await found("q=trees")).toEqual(["Elm", "Fir"]);
  expect(await found("tag=TREE")).toEqual(["Fir", "Oak"]);
  expect(await found("tag=tree&tag=green")).toEqual(["Oak"]);
  expect(await found("group=Trees&status=running&status=paused")).toEqual(["Elm"]);
  const [{ config }] = (await list()).views;
  expect(await found(`strategy=${config.strategy}&dataset=${config.dataset}`)).toHaveLength(3);
  expect(await found("task=none")).toEqual([]);
  expect(await found("strategy=none")).toEqual([]);
  await expect(list("colour=red")).rejects.toThrow(/no colour to filter by: use q, tag, group/);
  await expect(list("status=lost")).rejects.toThrow(/status\.0/);
  await expect(list("limit=0")).rejects.toThrow(/limit/);
  await expect(list("cursor=x")).rejects.toThrow(/cursor: is none that was given/);
  await expect(list("group=a&group=b")).rejects.toThrow(/group: say it once/);
});

test("a page says where the next one begins, also of experiments of one moment", async () => {
  const server = await openServer();
  const { list } = asking(server);
  for (let i = 0; i < 5; i++)
    await server.coordinator.create(experiment({ name: `E${i}`, strategy: "counter" }));
  const all = await list("q=e");
  const [names, sizes]: [string[], number[]] = [[], []];
  for (let next: string | undefined = "q=e&limit=2"; next !== undefined; ) {
    const page = await list(next);
    expect(page.total).toBe(5);
    names.push(...page.names);
    sizes.push(page.names.length);
    next = page.next;
  }
  expect(sizes).toEqual([2, 2, 1]);
  expect(names).toEqual(all.names);
});

test("a name that nobody sees is refused", async () => {
  const server = await openServer();
  const { send } = asking(server);
  const seen = ["Δ 👩‍🔬 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "می‌خواهم"];
  for (const name of seen) await server.coordinator.create(experiment({ name }));
  for (const name of ["\u200b", "\u2800", "a\u200bb", "\u202eevil"])
    expect(await send("POST", "experiments", { name })).toMatchObject({
      status: 400,
      body: {
        error: { message: expect.stringMatching(/^name: holds characters that nobody sees/) },
      },
    });
});
