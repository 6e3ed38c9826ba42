import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { absentTeacher } from "@tandem/coordinator/absent-teacher";
import { begin, createWorld } from "@tandem/coordinator/testing/world";
import { TandemError } from "@tandem/core/errors";
import type { GenerateRequest, Teacher } from "@tandem/core/teacher";
import { u8 } from "@tandem/core/tensor";
import { decodeSheet } from "@tandem/protocol/sheet";
import type { PaintingTerms, PaintingView } from "@tandem/protocol/view";
import { expect, onTestFinished, test } from "vitest";
import { createPaintBudget } from "./paint-budget";
import { queueLimits } from "./paint-queue";
import { paintingRoutes } from "./painting-routes";
import { type PaintingOptions, promptsPerMinute } from "./paintings";
import { testPaintings } from "./testing/paintings";
import { serveRest } from "./testing/rest";
import { lessonOf, teaching } from "./testing/teaching";

/** Paints one colour, which tells the adapter, once the test lets it; other than that, it waits. */
function slowTeacher(canLearn = true) {
  const asked: GenerateRequest[] = [];
  const waiting: (() => void)[] = [];
  const teacher: Teacher = {
    ...absentTeacher,
    abilities: { finetune: canLearn, repeat: true },
    generate: (request, { signal, progress } = {}) =>
      new Promise((resolve, reject) => {
        asked.push(request);
        progress?.(0.5, "half");
        const of = request.adapter ? 200 : 100;
        const done = () => resolve(u8([1, 2, 2, 3], new Uint8Array(12).fill(of)));
        waiting.push(done);
        signal?.addEventListener("abort", () => {
          waiting.splice(waiting.indexOf(done), 1);
          reject(new TandemError("cancelled", "generate was cancelled"));
        });
      }),
  };
  const letGo = async (count = 1) => {
    for (let i = 0; i < count; i++) {
      await expect.poll(() => waiting.length).toBeGreaterThan(0);
      waiting.shift()?.();
    }
  };
  return { teacher, asked, letGo };
}

/** An experiment of three rounds, of which the last two have taught its teacher. */
async function open(
  { teacher }: { readonly teacher?: Teacher },
  change: Partial<PaintingOptions> = {},
) {
  const world = createWorld({ server: { ...teaching, gallery: () => undefined } });
  const { coordinator, id, ended, clients } = await begin(world, [undefined, undefined, undefined]);
  await ended();
  let now = 1_000_000;
  const paintings = testPaintings(coordinator, {
    ...(teacher && { teacher: async () => teacher }),
    now: () => now,
    ...change,
  });
  onTestFinished(async () => {
    paintings.close();
    await coordinator.close();
  });
  const rest = await serveRest(paintingRoutes(paintings));
  const path = `experiments/${id}/paintings`;
  const body = (prompt: unknown) => JSON.stringify({ prompt });
  const ask = (prompt: string) => rest.given<PaintingView>("POST", path, body(prompt));
  const refusal = (prompt: unknown) => rest.refusal("POST", path, body(prompt));
  const look = ({ id: one }: PaintingView) => rest.given<PaintingView>("GET", `${path}/${one}`);
  const until = (painting: PaintingView, state: PaintingView["state"]) =>
    expect.poll(() => look(painting)).toMatchObject({ state });
  return {
    ...{ coordinator, id, paintings, clients, path, ask, refusal, look, until, rest },
    later: (ms: number) => {
      now += ms;
    },
  };
}

test("a prompt is painted by the base and as the last round has taught it, from the same noise", async () => {
  const { teacher, asked, letGo } = slowTeacher();
  const items = ["a cat", "a dog", "a cat"].map((prompt, i) => ({ prompt, label: i % 2 }));
  const shown = { gallery: { images: "pictures", items }, pictures: "p", shape: [0, 2, 2, 3] };
  const gallery = async () => ({ ...shown, classes: ["cat", "dog"] });
  const { id, ask, look, until, rest, path } = await open({ teacher }, { gallery });
  const terms = await rest.given<PaintingTerms>("GET", `experiments/${id}/painting`);
  expect(terms).toEqual({ prompts: ["a cat", "a dog"], taughtIn: 3 });
  const painting = await ask("  a red apple ");
  expect(painting).toMatchObject({ prompt: "a red apple", ahead: 0, fraction: 0 });
  await expect.poll(() => look(painting)).toMatchObject({ state: "painting", fraction: 0.25 });
  const sheet = `${path}/${painting.id}/sheet.png`;
  expect(await rest.refusal("GET", sheet)).toMatch(/^404 not-found It is not painted yet/);
  await letGo(2);
  await until(painting, "done");
  expect((await look(painting)).pictures).toEqual({
    ...{ sheet: `/api/${sheet}`, columns: 2, shows: ["base", "taught"], taughtIn: 3 },
  });
  const bytes = new Uint8Array(await (await rest.ask("GET", sheet)).arrayBuffer());
  const { data } = decodeSheet(bytes, [2, 2, 2, 3]);
  expect([data[0], data[12]]).toEqual([100, 200]);
  const [base, taught] = asked;
  expect(base).toEqual({ ...base, prompts: ["a red apple"], steps: 8, guidance: 1 });
  expect(base).not.toHaveProperty("adapter");
  expect(taught).toEqual({ ...base, adapter: lessonOf(3) });
});

test("one at a time, in a queue with an end; what is cancelled or forgotten makes room", async () => {
  const { teacher, asked, letGo } = slowTeacher();
  const { ask, refusal, look, until, rest, path, later } = await open({ teacher });
  const all: PaintingView[] = [];
  for (let i = 0; i < queueLimits.most; i++) all.push(await ask(`apple ${i}`));
  expect(all.map(({ ahead }) => ahead)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(await refusal("one more")).toMatch(/^409 full 8 other prompts wait/);
  await expect.poll(() => asked.length).toBe(1);
  for (const { id: one } of [all[0], all[2]]) await rest.ask("DELETE", `${path}/${one}`);
  await until(all[2], "failed");
  await until(all[0], "failed");
  expect((await look(all[0])).problem).toMatch(/cancelled/);
  await expect.poll(() => asked.at(-1)?.prompts).toEqual(["apple 1"]);
  expect(await look(all[3])).toMatchObject({ state: "waiting", ahead: 1 });
  // Whoever has asked for them is gone.
  later(queueLimits.unseenMs + 1);
  await look(all[4]);
  const last = await ask("the last");
  await expect.poll(() => asked.at(-1)?.prompts).toEqual(["apple 4"]);
  await letGo(2);
  await until(all[4], "done");
  await letGo(2);
  await until(last, "done");
  expect(asked.map(({ prompts: [prompt] }) => prompt)).not.toContain("apple 5");
  later(queueLimits.keptMs + 1);
  await ask("much later");
  expect(await rest.refusal("GET", `${path}/${last.id}`)).toMatch(/^404 .*kept for 5 minutes/);
});

test("prompts are bounded in length, in what they hold and in a minute, with the seconds to wait", async () => {
  const { teacher, letGo } = slowTeacher();
  const { ask, refusal, until, later } = await open({ teacher });
  expect(await refusal("")).toMatch(/^400 bad-config prompt: /);
  expect(await refusal("   ")).toMatch(/^400 bad-config prompt: /);
  expect(await refusal("x".repeat(201))).toMatch(/^400 bad-config prompt: /);
  expect(await refusal("a\u0007b")).toMatch(/^400 bad-config prompt: /);
  expect(await refusal(7)).toMatch(/^400 bad-config prompt: /);
  expect(await refusal("x".repeat(5000))).toMatch(/^413 too-large/);
  for (let i = 0; i < promptsPerMinute; i++) {
    const painting = await ask(`apple ${i}`);
    await letGo(2);
    await until(painting, "done");
  }
  later(20_000);
  expect(await refusal("again")).toMatch(/^429 too-many 12 prompts .* try again in 40 s\.$/);
  later(40_001);
  await ask("again");
});

test("without a teacher it is refused, and nothing of another experiment is shown", async () => {
  const none = await open({});
  expect(await none.refusal("apple")).toMatch(/^400 not-supported “Test” has no teacher .*counter/);
  const gone = none.path.replace(none.id, "gone");
  expect(await none.rest.refusal("POST", gone, '{"prompt":"apple"}')).toMatch(/^404 not-found/);
  const { teacher } = slowTeacher();
  const { ask, coordinator, paintings } = await open({ teacher });
  const painting = await ask("apple");
  const broken = { ...teacher, generate: () => Promise.reject(new Error("a secret path")) };
  const logged: unknown[] = [];
  const failing = await open({ teacher: broken }, { logError: (error) => logged.push(error) });
  const failed = await failing.ask("apple");
  await failing.until(failed, "failed");
  expect((await failing.look(failed)).problem).toMatch(
    /^It could not be painted; the server's log/,
  );
  expect(logged).toEqual([new Error("a secret path")]);
  const other = await coordinator.create({ name: "Other", strategy: "counter" });
  expect(() => paintings.look(other.id, painting.id)).toThrow(/no such painting/);
});

test("a teacher that costs money paints for participants alone, so many pictures, also after a restart", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tandem-paintings-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "paintings.json");
  const { teacher, asked, letGo } = slowTeacher(false);
  const budget = createPaintBudget(path);
  const { id, refusal, paintings, clients, until, later } = await open(
    { teacher },
    { isRemote: async () => true, budget },
  );
  expect(await refusal("apple")).toMatch(/^401 unauthorised .*for participants alone/);
  expect(asked).toEqual([]);
  const from = { address: "::1", token: clients[0].token() ?? "" };
  expect(await paintings.terms(id)).toEqual({ prompts: [], budget: { left: 20, of: 20 } });
  for (let i = 0; i < 20; i++) {
    later(10_000);
    const painting = await paintings.ask(id, "apple", from);
    await letGo();
    await until(painting, "done");
    expect(paintings.look(id, painting.id).pictures?.shows).toEqual(["base"]);
  }
  expect(asked[0]).not.toHaveProperty("adapter");
  later(60_000);
  await expect(paintings.ask(id, "apple", from)).rejects.toThrow(/The 20 pictures .* are used up/);
  expect(await createPaintBudget(path).left(id)).toBe(0);
});
