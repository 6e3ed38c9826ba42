import { concatenate, type LabelledSet, subset } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { onlyModalities } from "@tandem/core/presence";
import { createRng, type Rng } from "@tandem/core/rng";
import { concatenateRows } from "@tandem/core/tensor";
import { loadPainter } from "@tandem/diffusion/painters/painter";
import { startNodeEngine } from "@tandem/engine/node";
import { areaUnderRoc } from "@tandem/evaluation/area-under-roc";
import { least, type Painted, ratiosOf } from "@tandem/strategies/fedmmkt/critics/ratios";
import { drawPrompts, evenly, rowsByClass } from "@tandem/strategies/synthetic-set/painted-set";
import { type Cohort, dealtOut } from "./cohort";
import type { MembershipJob, MembershipReport } from "./membership-report";

const signal = new AbortController().signal;

/**
 * How far a server that plants pictures in a set could tell by a client's answers which of them the
 * client holds (docs/algorithm.md A5).
 */
export async function benchMembership(
  job: MembershipJob,
  note: (text: string) => void,
): Promise<MembershipReport> {
  const { dataset, seeds, clients, alpha, items, batches } = job;
  await startNodeEngine({ prefer: "wasm" });
  const rows = job.among.flatMap((among) =>
    batches.map((count) => ({ among, batches: count, areas: [] as number[] })),
  );
  for (const seed of seeds) {
    const cohort = await dealtOut(dataset, { seed, slots: clients, alpha });
    const classes = cohort.dataset.classes.length;
    const rng = createRng(`membership/${seed}`);
    const beside = {
      nothing: undefined,
      painted: job.among.includes("painted")
        ? await painted(job, cohort, { rng: rng.fork("painted"), note })
        : undefined,
    };
    for (const row of rows)
      for (const [slot, { own, others }] of holdersOf(cohort).entries()) {
        note(`seed ${seed}, client ${slot + 1}, ${row.batches} batches, among ${row.among}`);
        const most = row.among === "nothing" ? items : Math.floor(items / 2);
        const planted = plant(own, others, { classes, most, rng: rng.fork(`plant ${slot}`) });
        if (!planted) continue;
        const ratios = await answers(own, withOthers(planted, beside[row.among]), {
          ...job,
          classes,
          batches: row.batches,
          rng: rng.fork(`client ${slot}`),
        });
        row.areas.push(areaOf(ratios, planted, classes));
      }
  }
  if (rows.some(({ areas }) => areas.length === 0))
    throw new TandemError(
      "bad-config",
      "no two clients hold pictures of one class and source: deal the set to more, or to other numbers of them.",
    );
  return { job, rows };
}

/** Clients that hold pictures, and those of the others that draw from the same source. */
function holdersOf({ members }: Cohort) {
  const holders = members
    .filter(({ modality }) => modality !== "text")
    .map(({ data, source }) => ({ source, own: onlyModalities(data, ["image"]) }));
  return holders.map(({ source, own }) => ({
    own,
    others: holders.flatMap((other) =>
      other.source === source && other.own !== own ? [other.own] : [],
    ),
  }));
}

export type Planted = Painted & { readonly isOwn: readonly boolean[] };

/**
 * Up to `most` pictures, of each class of which the client speaks as many of its own as of the others';
 * undefined where these hold none.
 */
export function plant(
  own: LabelledSet,
  others: readonly LabelledSet[],
  { classes, most, rng }: { readonly classes: number; readonly most: number; readonly rng: Rng },
): Planted | undefined {
  if (others.length === 0) return undefined;
  const sides = [own, concatenate(others)].map((set, side) => {
    const order = Array.from(rng.fork(side).permutation(set.size));
    return { set, rows: rowsByClass(Array.from(set.labels), order, classes) };
  });
  const [held, unseen] = sides.map(({ rows }) => rows.map(({ length }) => length));
  const room = held.map((count, c) => (count < least ? 0 : Math.min(count, unseen[c])));
  const counts = sharedOut(room, Math.floor(most / 2));
  const parts = sides.map(({ set, rows }) =>
    subset(set, Int32Array.from(counts.flatMap((count, c) => rows[c].slice(0, count)))),
  );
  const { images, labels, size } = concatenate(parts);
  if (!images || size === 0) return undefined;
  return { images, labels, isOwn: Array.from(labels, (_, i) => i < parts[0].size) };
}

/** `total` in turn to those that have room, until none has. */
function sharedOut(room: readonly number[], total: number): readonly number[] {
  const counts = room.map(() => 0);
  for (let left = total; left > 0; ) {
    const open = room.flatMap((most, c) => (counts[c] < most ? [c] : []));
    if (open.length === 0) break;
    for (const c of open.slice(0, left)) counts[c]++;
    left -= Math.min(left, open.length);
  }
  return counts;
}

const withOthers = (planted: Painted, others: Painted | undefined): Painted =>
  others
    ? {
        images: concatenateRows([planted.images, others.images]),
        labels: [...Array.from(planted.labels), ...Array.from(others.labels)],
      }
    : planted;

/** The mean over the rounds of what the client answers for each picture: (N,). */
async function answers(
  own: LabelledSet,
  set: Painted,
  options: {
    readonly classes: number;
    readonly batches: number;
    readonly rounds: number;
    readonly rng: Rng;
  },
): Promise<Float64Array> {
  const { classes, batches, rounds, rng } = options;
  const sum = new Float64Array(set.labels.length);
  for (let round = 1; round <= rounds; round++) {
    const given = { classes, batches, signal, rng: rng.fork(`round ${round}`) };
    const { ratios } = await ratiosOf(own, set, given);
    ratios.forEach((r, i) => {
      sum[i] += r / rounds;
    });
  }
  return sum;
}

/** AUC of own against others' pictures of the same class; a class counts by how many of it are planted. */
export function areaOf(
  ratios: ArrayLike<number>,
  { labels, isOwn }: Planted,
  classes: number,
): number {
  const rows = rowsByClass(Array.from(labels), [...isOwn.keys()], classes);
  const areas = rows.flatMap((members) => {
    const of = (own: boolean) =>
      members.flatMap((row) => (isOwn[row] === own ? [ratios[row]] : []));
    return members.length > 0 ? [members.length * areaUnderRoc(of(true), of(false))] : [];
  });
  return areas.reduce((a, b) => a + b, 0) / isOwn.length;
}

/** What the base paints, as many pictures of each class, as in a first round. */
async function painted(
  { items, threads }: MembershipJob,
  { dataset }: Cohort,
  { rng, note }: { readonly rng: Rng; readonly note: (text: string) => void },
): Promise<Painted> {
  const { labels, captions } = dataset.teacher.public;
  if (!captions) throw new Error("the server's pictures have captions");
  const byClass = rowsByClass(Array.from(labels), [...labels.keys()], dataset.classes.length);
  const rows = drawPrompts(byClass, evenly(byClass, items - Math.floor(items / 2)), rng);
  const painter = await loadPainter({ directory: dataset.teacher.checkpoint, threads });
  try {
    const images = await painter.generate(
      { prompts: rows.map((row) => captions[row]), seed: 1, steps: 8, guidance: 2 },
      { progress: (share) => note(`painting, ${Math.round(100 * share)} %`) },
    );
    return { images, labels: rows.map((row) => labels[row]) };
  } finally {
    await painter.close();
  }
}
