import { initialDocument, type RoundDocument } from "@tandem/coordinator/round/round-document";
import type { RoundEvent } from "@tandem/coordinator/round/round-state";
import {
  type ClientRecord,
  type EventRecord,
  type ExperimentRecord,
  type MetricRecord,
  noLabels,
  type Phase,
  type RoundRecord,
} from "@tandem/core/experiment";
import { type BlobHash, clientId, experimentId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import { createRng } from "@tandem/core/rng";
import { f32, type TensorOf, u8 } from "@tandem/core/tensor";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import { encodePayload } from "@tandem/protocol/payload-codec";
import { openStores, type Stores } from "@tandem/storage/open-stores";
import { noBeliefs } from "@tandem/strategies/fedmmkt/beliefs";
import { writeState } from "@tandem/strategies/fedmmkt/state";
import { strategyNamed } from "@tandem/strategies/registry";
import { wholeState } from "@tandem/strategies/testing/whole-state";

export const longRun = {
  id: "long",
  local: "alone",
  rounds: 300,
  clients: 200,
  places: 64,
} as const;

const { rounds, clients, places } = longRun;
/** Clients that a round asks. */
const asked = 20;
const begun = Date.UTC(2026, 10, 1);
const roundMs = 60_000;
const phases: readonly Phase[] = [
  "generating",
  "publishing",
  "collecting",
  "aggregating",
  "teaching",
  "evaluating",
];
const classes = 12;
const prompts = ["red apple", "green pear", "black cat", "yellow sun", "blue fish", "brown dog"];

/**
 * A finished run of 300 rounds in which 200 clients took part, 64 at a time and 20 a round, and the same without federation:
 * the records and blobs that a server would have written, made up but for their form.
 */
export async function fillLongRun(
  directory: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const stores = await openStores({ directory, environment });
  await fill(stores, { id: longRun.id, strategy: "fedmmkt", name: "Long run", gain: 0.5 });
  await fill(stores, { id: longRun.local, strategy: "local", name: "Each alone", gain: 0.3 });
  await stores.store.close();
}

type Made = {
  readonly id: string;
  readonly strategy: string;
  readonly name: string;
  readonly gain: number;
};

async function fill({ store, blobs }: Stores, made: Made): Promise<void> {
  const id = experimentId(made.id);
  const states = made.strategy === "fedmmkt" ? await putStates(blobs) : [];
  const stateOf = (round: number) => states[(round - 1) % states.length];
  const state: RoundDocument = {
    ...initialDocument,
    ...{ status: "finished", phase: "evaluating", round: rounds },
    strategyState: stateOf(rounds) ?? null,
  };
  const record = recordOf(made);
  await store.create(record);
  const people = Array.from({ length: clients }, (_, i) => clientOf(i));
  await store.commit(id, { clients: people });
  const rng = createRng(`long-run/${made.id}`);
  let sequence = 0;
  const logged = (at: number, event: RoundEvent): EventRecord => {
    sequence++;
    return { sequence, at, event: event as unknown as JsonObject };
  };
  for (let first = 1; first <= rounds; first += 20) {
    const events: EventRecord[] = first === 1 ? [logged(begun, { type: "started" })] : [];
    const metrics: MetricRecord[] = [];
    const records: RoundRecord[] = [];
    for (let round = first; round < first + 20; round++) {
      const at = begun + round * roundMs;
      const cohort = cohortOf(round);
      const stateHash = stateOf(round);
      const isLocal = made.strategy === "local";
      events.push(
        ...(isLocal ? [] : cohort).map((i) =>
          logged(at + 3000 + i, { type: "uploaded", client: `c${i}`, hash: "" }),
        ),
        ...(round % 10 === 0 && !isLocal
          ? [
              logged(at + 4000, {
                type: "failed",
                client: `c${cohort[0]}`,
                message: "out of memory",
              }),
            ]
          : []),
        logged(at + 5000, { type: "evaluated" }),
      );
      const own = cohort.map((i) => ({ i, accuracy: accuracyOf(round, made.gain, rng.uniform()) }));
      for (const { i, accuracy } of isLocal ? [] : own)
        metrics.push({ round, client: clientId(`c${i}`), metrics: { accuracy } });
      metrics.push({ round, metrics: { ...meansOf(own), ...teacherOf(round, made) } });
      records.push({
        round,
        phases: phases.map((phase, i) => ({ phase, at: at + 1000 * i })),
        endedAt: at + 6000 + (round % 7) * 1000,
        cohort: cohort.map((i) => clientId(`c${i}`)),
        ...{ uploads: cohort.length, refused: round % 50 === 0 ? 1 : 0 },
        ...{ bytesUp: 400_000 + 1000 * round, bytesDown: 900_000 },
        ...(stateHash && { stateHash }),
      });
    }
    await store.commit(id, { events, metrics, rounds: records });
  }
  await store.commit(id, {
    experiment: {
      ...{ status: "finished", updatedAt: begun + (rounds + 1) * roundMs },
      state: state as unknown as JsonObject, // plain JSON by its type
    },
  });
}

function recordOf({ id, strategy, name }: Made): ExperimentRecord {
  const strategyConfig = strategyNamed(strategy).parse({}) as JsonObject; // of its schema
  const config = experimentConfig.parse({
    ...{ name, strategy, strategyConfig, rounds, slots: places, minClients: 8, retentionDays: 0 },
    participation: asked / places,
  });
  return {
    ...noLabels,
    ...{ id: experimentId(id), config, status: "draft", state: {}, sequence: 0 },
    ...{ createdAt: begun - 60_000, updatedAt: begun },
  };
}

const modalities = ["image", "text", "image-text"] as const;

/** Who comes later takes the place of who has left. */
const clientOf = (i: number): ClientRecord => ({
  ...{ id: clientId(`c${i}`), tokenHash: `hash ${i}`, slot: i % places, name: `Guest ${i}` },
  ...{ modality: modalities[i % 3], architecture: ["small-cnn", "bag", "dual-cnn-bag"][i % 3] },
  ...{
    samples: 40 + (i % 17),
    source: "noto",
    device: "wasm",
    joinedAt: begun - 1000 * (clients - i),
  },
  ...(i + places < clients && { leftAt: begun + rounds * roundMs * ((i + 1) / clients) }),
  ...{ bytesUp: 750_000, bytesDown: 1_500_000 },
});

/** Those of a round, of the clients that are there: all come by in turn. */
const cohortOf = (round: number): readonly number[] => {
  const first = Math.floor(((clients - places) * (round - 1)) / (rounds - 1));
  return Array.from({ length: asked }, (_, i) => first + ((7 * round + i) % places));
};

const accuracyOf = (round: number, gain: number, luck: number): number =>
  Math.min(1, 0.25 + gain * (1 - Math.exp(-round / 60)) + 0.2 * (luck - 0.5));

type Answer = { readonly i: number; readonly accuracy: number };

function meansOf(own: readonly Answer[]): Readonly<Record<string, number>> {
  const groups: readonly (readonly [string, readonly Answer[]])[] = [
    ["", own],
    ...modalities.map((one, m) => [`/${one}`, own.filter(({ i }) => i % 3 === m)] as const),
  ];
  return Object.fromEntries(
    groups.flatMap(([group, of]) => {
      const mean = of.reduce((sum, { accuracy }) => sum + accuracy, 0) / of.length;
      const squares = of.reduce((sum, { accuracy }) => sum + (accuracy - mean) ** 2, 0);
      return [
        [group === "" ? "accuracy/mean" : `accuracy${group}`, mean],
        [`accuracy${group}/std`, Math.sqrt(squares / of.length)],
      ];
    }),
  );
}

const teacherOf = (round: number, { strategy }: Made): Record<string, number> => {
  if (strategy === "local") return {};
  const learned = 1 - Math.exp(-round / 80);
  return {
    "teacher/promptAccuracy": 0.4 + 0.4 * learned,
    "teacher/frechet": 90 - 50 * learned,
    ...(round === 1 && { "teacher/basePromptAccuracy": 0.4, "teacher/baseFrechet": 90 }),
  };
};

/** States of some rounds, which others share. */
async function putStates(blobs: Stores["blobs"]): Promise<readonly BlobHash[]> {
  const hashes: BlobHash[] = [];
  for (let i = 1; i <= 30; i++) hashes.push(await blobs.put(encodePayload(stateOf(i))));
  return hashes;
}

function stateOf(round: number) {
  const items = 64;
  const names = Array.from({ length: items }, (_, i) => prompts[i % prompts.length]);
  const labels = names.map((_, i) => i % classes);
  const whole = wholeState({
    arrays: {
      images: drawn(items, round),
      "verdict/accepted": u8(
        [items],
        labels.map((label) => (label % 3 === 0 ? 1 : 0)),
      ),
      "verdict/seen": seen(labels, round),
    },
    meta: { ...{ set: round, classes, prompts: names, captions: names, labels } },
  });
  const shown = writeState({
    kept: {
      ...{ student: {}, publicStudent: {}, adapter: {}, beliefs: noBeliefs, critic: {} },
      taught: undefined,
      past: { arrays: {}, meta: {} },
      shown: {
        ...{ prompts, rounds: [0, round] },
        images: drawn(2 * prompts.length, round, prompts.length),
      },
    },
    round: undefined,
  });
  return {
    arrays: { ...whole.arrays, ...shown.arrays },
    meta: { ...whole.meta, ...shown.meta },
    encoding: { ...shown.encoding, images: "png" },
  } as const;
}

/** Clients see the wanted class more often from round to round. */
const seen = (labels: readonly number[], round: number) =>
  f32(
    [labels.length, classes],
    labels.flatMap((label, i) => {
      const shownAs = (i * 7) % 30 < 10 + round / 2 ? label : (label + 1) % classes;
      return Array.from({ length: classes }, (_, c) => (c === shownAs ? 0.9 : 0.1 / (classes - 1)));
    }),
  );

/** Discs of a colour a prompt, (N, 32, 32, 3), the larger the later; the first `before` are small. */
function drawn(count: number, round: number, before = 0): TensorOf<"u8"> {
  const size = 32;
  const data = new Uint8Array(count * size * size * 3).fill(255);
  for (let i = 0; i < count; i++) {
    const hue = (i % prompts.length) / prompts.length;
    const radius = i < before ? 5 : 6 + round / 4;
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        if (Math.hypot(x - 16, y - 16) > radius) continue;
        const at = ((i * size + y) * size + x) * 3;
        for (let c = 0; c < 3; c++)
          data[at + c] = Math.round(128 + 127 * Math.cos(2 * Math.PI * (hue + c / 3)));
      }
  }
  return u8([count, size, size, 3], data);
}
