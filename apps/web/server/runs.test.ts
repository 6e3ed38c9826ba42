import { readFile } from "node:fs/promises";
import { experiment } from "@tandem/coordinator/testing/world";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import type { ExperimentView } from "@tandem/protocol/view";
import { expect, test } from "vitest";
import { sweepOf } from "./sweeps";
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

test("a sweep makes every combination with every seed, or nothing; what is wrong is named by its path", async () => {
  const server = await openServer();
  const { send, list } = asking(server);
  const base = experiment();
  const sweep = { name: "Skew", base, grid: { alpha: [0.1, 1], slots: [4] }, seeds: [1, 2] };
  const made = await send("POST", "sweeps", sweep);
  expect(made.status).toBe(201);
  const views: readonly ExperimentView[] = made.body;
  expect(views.map(({ config, group }) => [config.name, config.alpha, config.seed, group])).toEqual(
    [
      ["Skew: alpha 0.1, slots 4, seed 1", 0.1, 1, "Skew"],
      ["Skew: alpha 0.1, slots 4, seed 2", 0.1, 2, "Skew"],
      ["Skew: alpha 1, slots 4, seed 1", 1, 1, "Skew"],
      ["Skew: alpha 1, slots 4, seed 2", 1, 2, "Skew"],
    ],
  );
  expect((await list("group=Skew")).total).toBe(4);
  const name = "Other";
  for (const [wrong, why] of [
    [{ ...sweep }, /^name: there is a group Skew already/],
    [{ ...sweep, name, grid: { alpha: [1, 5000] } }, /^grid\.alpha 5000: alpha: /],
    [
      { ...sweep, name, grid: { "a.b": [1] } },
      /^grid\.a\.b: there is no such setting: use strategy/,
    ],
    [{ ...sweep, name, grid: { seed: [1] } }, /^grid\.seed: give the values as seeds/],
    [{ ...sweep, name, grid: { alpha: [] } }, /^grid\.alpha: must be a list of values/],
    [{ ...sweep, name, grid: { alpha: [1, 1] } }, /^grid\.alpha: 1 is there twice/],
    [{ ...sweep, name, grid: { alpha: [{}] } }, /^grid\.alpha {}: alpha: /],
    [{ ...sweep, name, grid: { dataset: ["nope"] } }, /^dataset: use the id of a task/],
    [
      { ...sweep, name, grid: { strategy: ["nope"] } },
      /^grid\.strategy nope: There is no strategy/,
    ],
    [
      {
        ...{ ...sweep, name },
        grid: { "strategyConfig.localEpochs": [1, 2], strategyConfig: [{}] },
      },
      /^grid\.strategyConfig\.localEpochs: it is within another that is given here/,
    ],
    [{ ...sweep, name, seeds: [1, 1] }, /^seeds: 1 is there twice/],
    [{ ...sweep, name, seeds: [] }, /^seeds/],
    [{ ...sweep, name: "\u200b" }, /^name: a group's name must show/],
    [
      { ...sweep, name, seeds: Array.from({ length: 33 }, (_, i) => i) },
      /^2 settings with 33 seeds are 66 experiments: a sweep has 64 at most/,
    ],
  ] as const) {
    const { status, body } = await send("POST", "sweeps", wrong);
    expect([body.error.message, status]).toEqual([expect.stringMatching(why), expect.any(Number)]);
    expect(status).toBeLessThan(500);
  }
  expect((await list("archived=all")).total).toBe(4);
});

test("the file that simulate takes makes a sweep, but for what only virtual clients do", async () => {
  const server = await openServer();
  const { send, list } = asking(server);
  const text = await readFile("experiments/fm-cap-alpha.json", "utf8");
  const file = JSON.parse(text);
  const runs = file.runs.filter(({ name }: { name: string }) =>
    ["local-0.1", "fedmmkt-0.1"].includes(name),
  );
  // The coordinator of this test knows one strategy alone.
  const refused = await send("POST", "sweeps", { ...file, runs });
  expect(refused.body.error.message).toMatch(/^sweep: runs\.0 \(\S+\): There is no strategy/);
  const attack = { kind: "label-flip", share: 0.5 };
  const lying = await send("POST", "sweeps", { ...file, base: { ...file.base, attack }, runs });
  expect(lying.body.error.message).toMatch(/^sweep: runs\.0 \(\S+\): attack: only virtual/);
  const [first] = runs;
  const strange = { ...file, baseline: first.name, runs: [{ ...first, strategy: "nope" }] };
  const odd = await send("POST", "sweeps", strange);
  expect(odd.body.error.message).toMatch(/^sweep: runs\.0 \(\S+\)\.strategy: There is no/);
  expect((await list()).total).toBe(0);
  const { group, wanted } = sweepOf({ ...file, runs });
  expect(group).toBe(file.name);
  expect(wanted).toHaveLength(2 * file.seeds.length);
  const [{ input }] = wanted;
  expect(input).toMatchObject({ minClients: 10, slots: 10, seed: file.seeds[0] });
  expect(experimentConfig.safeParse(input).success).toBe(true);
});

test("an experiment is copied with changes, and gets more rounds while it runs", async () => {
  const server = await openServer();
  const { send } = asking(server);
  const made = await server.coordinator.create(experiment({ name: "Leaves", alpha: 0.3 }));
  const { id } = made;
  await send("PATCH", `experiments/${id}/labels`, { tags: ["a"], group: "G", note: "n" });
  const copy = await send("POST", `experiments/${id}/clone`, {});
  expect(copy).toMatchObject({ status: 201, body: { tags: ["a"], note: "", group: null } });
  expect(copy.body.config).toEqual({ ...made.config, name: "Leaves (copy)" });
  const changes = { alpha: 1, rounds: 9, seed: 7 };
  const other = await send("POST", `experiments/${id}/clone`, { name: "Roots", changes });
  expect(other.body.config).toEqual({ ...made.config, name: "Roots", ...changes });
  const wrong = await send("POST", `experiments/${id}/clone`, { changes: { colour: 1 } });
  expect(wrong.body.error.message).toMatch(/^colour: there is no such setting/);
  const both = { "strategyConfig.rate": 1, strategyConfig: {} };
  const undone = await send("POST", `experiments/${id}/clone`, { changes: both });
  expect(undone.body.error.message).toMatch(/^strategyConfig\.rate: it is within another/);
  expect((await send("POST", "experiments/none/clone", {})).status).toBe(404);
  await server.coordinator.start(id);
  const longer = await send("POST", `experiments/${id}/rounds`, { add: 2 });
  expect(longer).toMatchObject({ status: 200, body: { config: { rounds: 5 } } });
  expect((await send("POST", `experiments/${id}/rounds`, { add: 0 })).status).toBe(400);
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
