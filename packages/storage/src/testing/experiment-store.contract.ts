import { clientId, experimentId } from "@tandem/core/ids";
import type { ExperimentStore } from "@tandem/core/stores";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ada, applicant, event, invitation, record, round } from "./records";

/** What every driver of `ExperimentStore` must do; `open` gives an empty store. */
export function experimentStoreContract(name: string, open: () => Promise<ExperimentStore>): void {
  describe(`${name} as an experiment store`, () => {
    let store: ExperimentStore;
    beforeAll(async () => {
      store = await open();
    });
    beforeEach(async () => {
      for (const { id } of await store.list()) await store.remove(id);
    });
    afterAll(async () => {
      await store.close();
      await store.close(); // without effect
    });

    it("gives back what was created", async () => {
      await store.create(record("a"));
      expect(await store.get(experimentId("a"))).toEqual(record("a"));
    });

    it("lists experiments by the code units of their ids", async () => {
      for (const id of ["b", "a", "B"]) await store.create(record(id));
      expect((await store.list()).map(({ id }) => id)).toEqual(["B", "a", "b"]);
    });

    it("refuses to create an experiment twice", async () => {
      await store.create(record("a"));
      await expect(store.create(record("a"))).rejects.toMatchObject({ code: "conflict" });
    });

    it("creates several experiments, or none of them", async () => {
      await store.create(record("b"), record("a"));
      const refused = store.create(record("c"), record("a"), record("d"));
      await expect(refused).rejects.toMatchObject({ code: "conflict" });
      expect((await store.list()).map(({ id }) => id)).toEqual(["a", "b"]);
    });

    it("commits what is noted about an experiment, and nothing else with it", async () => {
      await store.create(record("a"));
      const noted = { tags: [], note: "", group: "Sweep", archived: true };
      await store.commit(experimentId("a"), { experiment: noted });
      expect(await store.get(experimentId("a"))).toEqual({ ...record("a"), ...noted });
    });

    it("adopts one with all that has happened in it, or not at all", async () => {
      const grace = { ...ada, id: clientId("grace") };
      const history = {
        events: Array.from({ length: 2500 }, (_, i) => event(i + 1)),
        rounds: [round, { ...round, round: 2 }],
        clients: [ada, grace],
        metrics: [
          { round: 1, metrics: { loss: Number.NaN } },
          { round: 1, client: ada.id, metrics: { accuracy: 0.5 } },
        ],
      };
      const whole = { ...record("a"), status: "finished", sequence: 2500 } as const;
      await store.adopt(whole, history);
      const id = experimentId("a");
      expect(await store.get(id)).toEqual(whole);
      expect(await store.events(id)).toEqual(history.events);
      expect(await store.rounds(id)).toEqual(history.rounds);
      expect(await store.clients(id)).toEqual(history.clients);
      expect(await store.metrics(id)).toEqual(history.metrics);
      await expect(store.adopt(whole, history)).rejects.toMatchObject({ code: "conflict" });
      const gap = { ...history, events: [event(1), event(3)] };
      await expect(store.adopt(record("b"), gap)).rejects.toMatchObject({ code: "conflict" });
      await expect(store.get(experimentId("b"))).rejects.toMatchObject({ code: "not-found" });
    });

    it("says not-found for an experiment that is not there", async () => {
      const missing = experimentId("none");
      await expect(store.get(missing)).rejects.toMatchObject({ code: "not-found" });
      await expect(store.commit(missing, {})).rejects.toMatchObject({ code: "not-found" });
      expect(await store.events(missing)).toEqual([]);
    });

    it("commits a step's events, state, rounds, clients and metrics together", async () => {
      await store.create(record("a"));
      const metrics = [{ round: 1, client: ada.id, metrics: { accuracy: 0.5 } }];
      await store.commit(experimentId("a"), {
        events: [event(1), event(2)],
        experiment: { status: "running", state: { round: 1 }, updatedAt: 7 },
        rounds: [round],
        clients: [ada],
        metrics,
      });
      expect(await store.get(experimentId("a"))).toEqual({
        ...record("a"),
        status: "running",
        state: { round: 1 },
        updatedAt: 7,
        sequence: 2,
      });
      expect(await store.events(experimentId("a"))).toEqual([event(1), event(2)]);
      expect(await store.events(experimentId("a"), 1)).toEqual([event(2)]);
      expect(await store.events(experimentId("a"), 0, 1)).toEqual([event(1)]);
      expect(await store.rounds(experimentId("a"))).toEqual([round]);
      expect(await store.clients(experimentId("a"))).toEqual([ada]);
      expect(await store.metrics(experimentId("a"))).toEqual(metrics);
    });

    it.each([
      ["repeats", [1]],
      ["leaves a gap", [3]],
      ["goes back", [2, 1]],
    ])("refuses a commit whose log %s, and changes nothing", async (_, sequences) => {
      await store.create(record("a"));
      await store.commit(experimentId("a"), { events: [event(1)] });
      const refused = store.commit(experimentId("a"), {
        events: sequences.map(event),
        experiment: { status: "failed" },
        clients: [ada],
      });
      await expect(refused).rejects.toMatchObject({ code: "conflict" });
      expect(await store.get(experimentId("a"))).toEqual({ ...record("a"), sequence: 1 });
      expect(await store.clients(experimentId("a"))).toEqual([]);
    });

    it("lets one of two writers of the same step through", async () => {
      await store.create(record("a"));
      const write = () => store.commit(experimentId("a"), { events: [event(1)] });
      const outcomes = await Promise.allSettled([write(), write()]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      expect(await store.events(experimentId("a"))).toEqual([event(1)]);
    });

    it("replaces whole records by key, so that an absent field becomes absent", async () => {
      await store.create(record("a"));
      await store.commit(experimentId("a"), { rounds: [round], clients: [ada] });
      const { endedAt: _, stateHash: __, ...open } = round;
      const { leftAt: ___, heldOut: ____, ...back } = ada;
      await store.commit(experimentId("a"), { rounds: [open], clients: [back] });
      expect(await store.rounds(experimentId("a"))).toEqual([open]);
      expect(await store.clients(experimentId("a"))).toEqual([back]);
    });

    it("counts on in a round that is there, and says after which event a state was so", async () => {
      await store.create(record("a"));
      await store.commit(experimentId("a"), { events: [event(1)], rounds: [round] });
      const counts = { round: round.round, uploads: 9, refused: 8, bytesUp: 7, bytesDown: 2 ** 40 };
      await store.commit(experimentId("a"), {
        events: [event(2)],
        experiment: { stateSequence: 1 },
        counts: [counts, { ...counts, round: round.round + 1 }],
      });
      expect(await store.rounds(experimentId("a"))).toEqual([{ ...round, ...counts }]);
      const stored = { ...record("a"), sequence: 2, stateSequence: 1 };
      expect(await store.get(experimentId("a"))).toEqual(stored);
      expect(await store.list()).toEqual([stored]);
    });

    it("forgets the clients that it is told to, and no other", async () => {
      await store.create(record("a"));
      const grace = { ...ada, id: clientId("grace") };
      await store.commit(experimentId("a"), { clients: [ada, grace] });
      await store.commit(experimentId("a"), { forgotten: [ada.id, clientId("nobody")] });
      expect(await store.clients(experimentId("a"))).toEqual([grace]);
    });

    it("takes the last of two records with one key in one commit", async () => {
      await store.create(record("a"));
      const renamed = { ...ada, name: "Ada L." };
      await store.commit(experimentId("a"), { clients: [ada, renamed] });
      expect(await store.clients(experimentId("a"))).toEqual([renamed]);
    });

    it("keeps one metric a round and client, the round's own first", async () => {
      await store.create(record("a"));
      const of = (round: number, loss: number, client?: typeof ada.id) => ({
        round,
        metrics: { loss },
        ...(client && { client }),
      });
      await store.commit(experimentId("a"), {
        metrics: [of(2, 1), of(1, 2, ada.id), of(1, 3), of(1, 4, clientId("B"))],
      });
      await store.commit(experimentId("a"), { metrics: [of(1, 5), of(1, 6, ada.id)] });
      expect(await store.metrics(experimentId("a"))).toEqual([
        of(1, 5),
        of(1, 4, clientId("B")),
        of(1, 6, ada.id),
        of(2, 1),
      ]);
    });

    it("keeps numbers that JSON has no word for", async () => {
      await store.create(record("a"));
      const metrics = {
        lost: Number.NaN,
        high: Infinity,
        low: -Infinity,
        tiny: 5e-324,
        third: 1 / 3,
      };
      await store.commit(experimentId("a"), { metrics: [{ round: 1, metrics }] });
      expect(await store.metrics(experimentId("a"))).toEqual([{ round: 1, metrics }]);
    });

    it("counts bytes and milliseconds past 32 bits", async () => {
      await store.create(record("a"));
      const far = { ...ada, bytesUp: 2 ** 40 + 1, joinedAt: 1_800_000_000_123 };
      await store.commit(experimentId("a"), { clients: [far] });
      expect(await store.clients(experimentId("a"))).toEqual([far]);
    });

    it("takes a use of an invitation with the step that needs it, or neither", async () => {
      const [a, b] = [experimentId("a"), experimentId("b")];
      for (const id of [a, b]) await store.create(record(id));
      for (const id of [a, b]) await store.invite(id, { ...invitation, uses: 1 });
      await store.invite(a, { ...invitation, id: "0".repeat(64) });
      expect((await store.invitations(a)).map(({ id }) => id[0])).toEqual(["0", "a"]);
      const come = (name: string) => {
        const client = { ...ada, id: clientId(name) };
        return store.commit(a, { clients: [client], invitation: invitation.id });
      };
      const outcomes = await Promise.allSettled([come("ada"), come("grace")]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      expect(await store.clients(a)).toHaveLength(1);
      expect((await store.invitations(a)).at(1)).toEqual({ ...invitation, uses: 1, used: 1 });
      expect(await store.invitations(b)).toEqual([{ ...invitation, uses: 1 }]);
      await expect(come("late")).rejects.toMatchObject({ code: "conflict" });
    });

    it("lets nobody in by a revoked invitation, or one of an experiment that is gone", async () => {
      const a = experimentId("a");
      await expect(store.invite(a, invitation)).rejects.toMatchObject({ code: "not-found" });
      await store.create(record("a"));
      await store.invite(a, invitation);
      expect(await store.revoke(experimentId("b"), invitation.id)).toBe(false);
      expect(await store.revoke(a, invitation.id)).toBe(true);
      expect(await store.revoke(a, invitation.id)).toBe(false);
      const taken = store.commit(a, { clients: [ada], invitation: invitation.id });
      await expect(taken).rejects.toMatchObject({ code: "conflict" });
      expect(await store.clients(a)).toEqual([]);
    });

    it("keeps who has asked to be let in, and what was decided last", async () => {
      const a = experimentId("a");
      await expect(store.keepApplicant(a, applicant)).rejects.toMatchObject({ code: "not-found" });
      await store.create(record("a"));
      await store.keepApplicant(a, { ...applicant, verdict: "refused" });
      await store.keepApplicant(a, { ...applicant, id: "0".repeat(64) });
      expect((await store.applicants(a)).at(1)).toEqual({ ...applicant, verdict: "refused" });
      await store.keepApplicant(a, applicant);
      expect((await store.applicants(a)).map(({ verdict }) => verdict)).toEqual([
        undefined,
        undefined,
      ]);
    });

    it("erases metrics, applicants and what events say with the step that wants it, or none of it", async () => {
      const [a, b] = [experimentId("a"), experimentId("b")];
      const metrics = [
        { round: 1, metrics: { loss: 1 } },
        { round: 1, client: ada.id, metrics: { loss: 2 } },
        { round: 2, client: clientId("grace"), metrics: { loss: 3 } },
      ];
      for (const id of [a, b]) {
        await store.create(record(id));
        await store.commit(id, { events: [event(1), event(2)], metrics });
        await store.keepApplicant(id, applicant);
      }
      const erased = {
        clients: [ada.id, clientId("nobody")],
        applicants: [applicant.id],
        events: [{ ...event(1), event: { type: "ready" } }],
      };
      const refused = store.commit(a, { events: [event(2)], erased });
      await expect(refused).rejects.toMatchObject({ code: "conflict" });
      expect(await store.metrics(a)).toHaveLength(3);
      expect(await store.applicants(a)).toHaveLength(1);
      await store.commit(a, { events: [event(3)], erased });
      expect(await store.metrics(a)).toEqual([metrics[0], metrics[2]]);
      expect(await store.applicants(a)).toEqual([]);
      expect(await store.events(a)).toEqual([...erased.events, event(2), event(3)]);
      expect(await store.metrics(b)).toEqual(metrics);
      expect(await store.applicants(b)).toEqual([applicant]);
      expect(await store.events(b)).toEqual([event(1), event(2)]);
    });

    it("forgets an experiment with everything in it, and no other", async () => {
      for (const id of ["a", "b"]) {
        await store.create(record(id));
        const metrics = [{ round: 1, metrics: { loss: 1 } }];
        const change = { events: [event(1)], rounds: [round], clients: [ada], metrics };
        await store.commit(experimentId(id), change);
        await store.invite(experimentId(id), invitation);
        await store.keepApplicant(experimentId(id), applicant);
      }
      await store.remove(experimentId("a"));
      await store.remove(experimentId("a"));
      await store.create(record("a"));
      const { events, rounds, clients, metrics, invitations, applicants } = store;
      for (const read of [events, rounds, clients, metrics, invitations, applicants]) {
        expect(await read(experimentId("a"))).toEqual([]);
        expect(await read(experimentId("b"))).toHaveLength(1);
      }
    });

    it("shares no memory with its callers", async () => {
      const state = { list: [1] };
      await store.create({ ...record("a"), state });
      state.list.push(2);
      const read = (await store.get(experimentId("a"))).state as typeof state;
      read.list.push(3);
      expect((await store.get(experimentId("a"))).state).toEqual({ list: [1] });
    });
  });
}
