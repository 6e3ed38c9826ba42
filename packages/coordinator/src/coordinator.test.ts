import { protocolVersion } from "@tandem/protocol/events";
import type { ExperimentView } from "@tandem/protocol/view";
import { createMemoryExperiments } from "@tandem/storage/memory-experiments";
import { describe, expect, it } from "vitest";
import { initialDocument } from "./round/round-document";
import type { RoundEvent } from "./round/round-state";
import { crashContract } from "./testing/crash.contract";
import { reduceDocument } from "./testing/round-events";
import {
  type Answer,
  begin,
  counterServer,
  createClient,
  createWorld,
  experiment,
  finalState,
  openCoordinator,
  settled,
  until,
  value,
} from "./testing/world";

const all = [undefined, undefined, undefined];

describe("an experiment", () => {
  it("runs its rounds and keeps what happened", async () => {
    const world = createWorld();
    const { coordinator, id, ended } = await begin(world, all);
    const views: ExperimentView[] = [];
    coordinator.subscribe(id, (view) => views.push(view));
    await ended();
    // Each round adds 1 + 2 + 3 of the clients and 1 of the lesson: 3 * 7.
    expect(await finalState(world, id)).toBe(21);
    const { rounds, clients } = await coordinator.view(id);
    expect(rounds).toHaveLength(3);
    for (const round of rounds) {
      expect(round).toMatchObject({ cohort: 3, uploads: 3, refused: 0 });
      // Accuracies 0.1, 0.2 and 0.3; image clients are in places 0 and 2.
      expect(round.metrics["accuracy/mean"]).toBeCloseTo(0.2);
      expect(round.metrics["accuracy/image"]).toBeCloseTo(0.2);
      expect(round.metrics["accuracy/std"]).toBeCloseTo(Math.sqrt(0.02 / 3));
      expect(round.metrics).toMatchObject({ sum: 6, "teacher/lessons": 1 });
      expect(round.phases.map(({ phase }) => phase)).toEqual(
        expect.arrayContaining(["generating", "publishing", "collecting", "evaluating"]),
      );
      expect(round.bytesUp).toBeGreaterThan(0);
      expect(round.endedAt).toBeDefined();
    }
    expect(clients.map(({ accuracy }) => accuracy)).toEqual([0.1, 0.2, 0.3]);
    world.clock.advance(1000);
    expect(views.at(-1)?.status).toBe("finished");
  });

  it("has a log that gives its state again", async () => {
    const world = createWorld();
    const { id, ended } = await begin(world, all);
    await ended();
    const { config, state } = await world.store.get(id);
    const replayed = (await world.store.events(id)).reduce(
      (before, { event }) => reduceDocument(config, before, event as unknown as RoundEvent).state,
      initialDocument,
    );
    expect(replayed).toEqual(state);
  });

  it("goes on without clients that fail or freeze, and takes back who shows a sign of life", async () => {
    const world = createWorld();
    const frozen: Answer = (round, slot) => (round === 1 ? "silence" : value(slot + 1));
    const failing: Answer = (round) => (round === 1 ? "failure" : "silence");
    const answers = [undefined, frozen, failing];
    const { coordinator, id, clients, ended } = await begin(world, answers, { minClients: 1 });
    await until(world, async () => (await coordinator.view(id)).round === 2);
    await clients[1].channel.request("progress", { round: 1, stage: "train", fraction: 0.5 });
    await ended();
    const { rounds } = await coordinator.view(id);
    // Round 2 asks 0 and 2, which now freezes; round 3 asks 0 and 1, which has spoken.
    expect(rounds.map(({ cohort, uploads }) => [cohort, uploads])).toEqual([
      [3, 1],
      [2, 1],
      [2, 2],
    ]);
  });

  it("gives a place back to whoever shows its token, and instructs again", async () => {
    const world = createWorld();
    let silent = true;
    const answer: Answer = (_, slot) => (silent ? "silence" : value(slot + 1));
    const { coordinator, id, clients, ended } = await begin(world, [...all.slice(1), answer]);
    await until(world, async () => (await coordinator.view(id)).phase === "collecting");
    await settled(world);
    silent = false;
    const token = clients[2].token() ?? "";
    clients[2].channel.close();
    expect((await coordinator.view(id)).clients[2].status).toBe("away");
    const again = createClient(world, coordinator, id, { slot: 2, token });
    expect(await again.join()).toBe(true);
    await ended();
    expect((await coordinator.view(id)).clients).toHaveLength(3);
    expect(await finalState(world, id)).toBe(21);
  });

  it("tells how many places there are when all are taken", async () => {
    const world = createWorld();
    const { coordinator, id } = await begin(world, all);
    const extra = createClient(world, coordinator, id, { slot: 0 });
    const join = { version: protocolVersion, experiment: id, device: "test" };
    expect(await extra.channel.request("join", join)).toMatchObject({
      error: { code: "full", message: expect.stringContaining("3") },
    });
  });

  it("fails after three attempts of a step, says how to go on, and goes on", async () => {
    let broken = true;
    const teach: typeof counterServer.teach = async (state, env) => {
      if (broken) throw new Error("the teacher has died.");
      return counterServer.teach(state, env);
    };
    const world = createWorld({ server: { ...counterServer, teach } });
    const { coordinator, id, ended } = await begin(world, all);
    await until(world, async () => (await coordinator.view(id)).status === "failed");
    expect((await coordinator.view(id)).error).toMatch(
      /^teaching of round 1 failed: Something broke inside. Resume/,
    );
    broken = false;
    await coordinator.resume(id);
    await ended();
    expect(await finalState(world, id)).toBe(21);
  });

  it("stands still while it is paused", async () => {
    const world = createWorld();
    const { coordinator, id, ended } = await begin(world, all);
    await coordinator.pause(id);
    const { round } = await coordinator.view(id);
    for (let i = 0; i < 20; i++) {
      await settled(world);
      world.clock.advance(5000);
    }
    expect(await coordinator.view(id)).toMatchObject({ status: "paused", round });
    await coordinator.resume(id);
    await ended();
    expect(await finalState(world, id)).toBe(21);
  });

  it("from before its strategy had a field goes on as it was", async () => {
    const world = createWorld();
    const first = openCoordinator(world);
    const [{ id: now }, { id: before }] = [
      await first.create(experiment()),
      await first.create(experiment()),
    ];
    const record = await world.store.get(before);
    await world.store.remove(before);
    await world.store.create({ ...record, config: { ...record.config, strategyConfig: {} } });
    const later = openCoordinator(world);
    const paceOf = async (id: typeof now) => {
      const { channel } = createClient(world, later, id, { slot: 0 });
      const reply = await channel.request("join", {
        version: protocolVersion,
        experiment: id,
        slot: 0,
        device: "test",
      });
      return reply.ok && reply.strategyConfig.pace;
    };
    expect([await paceOf(now), await paceOf(before)]).toEqual(["fast", "slow"]);
  });

  it("names the field of a configuration that cannot be", async () => {
    const coordinator = openCoordinator(createWorld());
    for (const [config, field] of [
      [{ rounds: 0 }, /rounds/],
      [{ minClients: 4 }, /minClients/],
      [{ strategy: "none" }, /none.*counter/],
      [{ references: [{ label: "Control", accuracy: 34 }] }, /references.0.accuracy/],
    ] as const)
      await expect(coordinator.create(experiment(config))).rejects.toMatchObject({
        code: "bad-config",
        message: expect.stringMatching(field),
      });
  });

  it("has no more places than its strategy keeps answers", async () => {
    const keeps = { part: "all", what: "every answer", most: 3 } as const;
    const coordinator = openCoordinator(createWorld({ server: { ...counterServer, keeps } }));
    await expect(coordinator.create(experiment({ slots: 3 }))).resolves.toBeDefined();
    await expect(coordinator.create(experiment({ slots: 4 }))).rejects.toMatchObject({
      code: "bad-config",
      message: expect.stringMatching(/every answer, of 3 clients at most, not 4/),
    });
  });
});

describe("an upload", () => {
  it("is refused with a reason, counted, and may be corrected", async () => {
    const world = createWorld();
    const { coordinator, id, clients, ended } = await begin(
      world,
      [undefined, undefined, () => "silence"],
      { rounds: 1 },
    );
    await until(world, async () => (await coordinator.view(id)).phase === "collecting");
    const [, , last] = clients;
    const code = async (reply: Promise<unknown>) =>
      ((await reply) as { error?: { code: string } }).error?.code;
    const raw = async (bytes: Uint8Array) =>
      last.channel.upload({
        round: 1,
        hash: await world.blobs.put(bytes),
        metrics: {},
      });
    expect(await code(last.upload(1, value(0)))).toBe("bad-upload");
    expect(await code(last.upload(2, value(3)))).toBe("stale");
    expect(await code(raw(Uint8Array.of(1, 2, 3)))).toBe("bad-data");
    expect(await code(raw(new Uint8Array(8 * 2 ** 20 + 1)))).toBe("too-large");
    const missing = { round: 1, hash: "0".repeat(64) as never, metrics: {} };
    expect(await code(last.channel.upload(missing))).toBe("not-found");
    const both = await Promise.all([last.upload(1, value(3)), last.upload(1, value(3))]);
    // Whichever comes first is taken.
    const duplicates = both.map((reply) => reply.ok && "duplicate" in reply && reply.duplicate);
    expect(duplicates.sort()).toEqual([false, true]);
    await ended();
    expect(await finalState(world, id)).toBe(7);
    expect((await coordinator.view(id)).rounds[0]).toMatchObject({ refused: 5, uploads: 3 });
    const refused = (await world.store.events(id)).filter(({ event }) => event.type === "refused");
    expect(refused).toHaveLength(5);
  });

  it("is not taken from a connection that has not joined", async () => {
    const world = createWorld();
    const { coordinator, id } = await begin(world, all);
    const stranger = createClient(world, coordinator, id, { slot: 0 });
    expect(await stranger.upload(1, value(1))).toMatchObject({ error: { code: "unauthorised" } });
  });

  it("may be reported on only so often", async () => {
    const world = createWorld();
    const { clients } = await begin(world, all);
    const report = { round: 1, stage: "train", fraction: 0.5 } as const;
    const replies = await Promise.all(
      Array.from({ length: 60 }, () => clients[0].channel.request("progress", report)),
    );
    expect(replies.filter(({ ok }) => ok)).toHaveLength(40);
  });
});

crashContract("memory", async () => createMemoryExperiments());
