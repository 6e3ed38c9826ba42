import { type ClientContext, handle } from "@tandem/client/handle";
import { type LabelledSet, subset } from "@tandem/core/data";
import { clientId } from "@tandem/core/ids";
import { emptyPayload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import { f32, u8 } from "@tandem/core/tensor";
import { createTokenizer } from "@tandem/core/tokenizer";
import { startNodeEngine } from "@tandem/engine/node";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import { ratiosOf } from "@tandem/strategies/fedmmkt/critics/ratios";
import { strategyNamed } from "@tandem/strategies/registry";
import { thisMachine } from "../harness/machine";
import { type Cohort, dealtOut, type Member } from "./cohort";
import type { CriticJob, CriticReport } from "./critic-report";
import { type Candidate, type Timed, takeTurns } from "./take-turns";

const slots = 10;
const items = 256;
const dimension = 64;

/** A client's round, and in turn its critic alone, for each architecture that reads pictures. */
export async function benchCritic(
  { dataset, seed, round, seconds }: CriticJob,
  note: (text: string) => void,
): Promise<CriticReport> {
  const { backend } = await startNodeEngine({ prefer: "wasm" });
  const cohort = await dealtOut(dataset, { seed, slots, alpha: 0.1 });
  const asked = stillSet(cohort);
  const readers = cohort.members.filter(({ modality }) => modality === "image");
  const candidates: Candidate[] = [];
  for (const [i, member] of readers.entries()) {
    note(`${member.architecture}, earlier rounds`);
    candidates.push(
      { name: `critic ${i}`, run: criticOf(member, cohort, asked) },
      { name: `round ${i}`, run: await roundOf(round, member, cohort, asked) },
    );
  }
  const timings = await takeTurns(candidates, { seconds, note });
  return {
    machine: thisMachine(),
    backend,
    round,
    rows: readers.map(({ architecture, data }, i) => ({
      architecture,
      samples: data.size,
      critic: timings[2 * i],
      round: timings[2 * i + 1],
    })),
  };
}

/** Public pictures in place of painted ones: what they show does not change what computing takes. */
function stillSet({ dataset }: Cohort): LabelledSet & Required<Pick<LabelledSet, "images">> {
  const { public: shown, publicTexts: captions } = dataset.teacher;
  if (shown.size < items) throw new Error(`the server holds fewer than ${items}`);
  const first = Int32Array.from({ length: items }, (_, row) => row);
  const { images, ...set } = subset({ ...shown, captions }, first);
  if (!images) throw new Error("the server holds no pictures");
  return { ...set, images };
}

/** Time of the processor, which on a busy machine varies less than a clock's. */
const processorTime =
  (work: () => Promise<unknown>): Timed =>
  async () => {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };

const signal = new AbortController().signal;

function criticOf({ data }: Member, { dataset }: Cohort, asked: ReturnType<typeof stillSet>) {
  const { images, labels } = asked;
  const options = { classes: dataset.classes.length, rng: createRng("critic"), signal };
  return processorTime(() => ratiosOf(data, { images, labels }, options));
}

/** A round of a client that has answered those before; what it is told of these is made up. */
async function roundOf(
  last: number,
  { data, modality, architecture }: Member,
  { dataset, test }: Cohort,
  { images, labels, captions = [] }: ReturnType<typeof stillSet>,
): Promise<Timed> {
  const { classes, vocabulary } = dataset;
  const tokenizer = createTokenizer(vocabulary);
  const strategy = strategyNamed("fedmmkt");
  const host = {
    strategy: strategy.client(strategy.parse({})),
    trainer: createTrainer({ tokenizer }),
    createModel: () =>
      createModel({
        architecture,
        classes: classes.length,
        vocabularySize: tokenizer.size,
        imageSize: images.shape[1],
        seed: 1,
      }),
    classes,
    data,
    test,
    stream: "bench",
    signal,
    progress: () => {},
  };
  const zeros = f32([items, dimension], new Float32Array(items * dimension));
  const target = new Float32Array(items * classes.length).fill(1 / classes.length);
  const known = {
    target: f32([items, classes.length], target),
    confidence: f32([items], new Float32Array(items).fill(1)),
    accepted: u8([items], new Uint8Array(items).fill(1)),
    image: zeros,
    text: zeros,
  };
  const asks = (round: number) => ({
    round,
    payload: {
      arrays: { images, ...(round > 1 && known) },
      meta: { set: round, captions: [...captions], labels: [...labels], knowledgeOf: round - 1 },
    },
  });
  const client = { id: clientId("c"), modality, architecture, samples: data.size };
  let context: ClientContext = { client, memory: emptyPayload };
  for (let round = 1; round < last; round++)
    ({ context } = await handle(host, context, asks(round)));
  return processorTime(() => handle(host, context, asks(last)));
}
