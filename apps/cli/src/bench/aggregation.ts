import { type ClientModality, modalitiesOf } from "@tandem/core/data";
import { clientId } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import { createRng, type Rng } from "@tandem/core/rng";
import type { ServerEnv, Update } from "@tandem/core/strategy";
import { f32, type TensorData, u8 } from "@tandem/core/tensor";
import { strategyNamed } from "@tandem/strategies/registry";
import { thisMachine } from "../harness/machine";
import type { AggregationJob, AggregationReport, AggregationRow } from "./aggregation-report";
import { exponentOf } from "./line-fit";

type Sizes = Pick<AggregationJob, "items" | "classes" | "width">;

const held: readonly ClientModality[] = ["image", "text", "image-text"];

/** Answers are made up for so many clients; others answer the same, in memory of their own. */
const different = 30;

/** A round of made-up answers for each number of clients, the fewest first. */
export async function benchAggregation(
  job: AggregationJob,
  note: (text: string) => void,
): Promise<AggregationReport> {
  const numbers = [...job.clients].sort((a, b) => a - b);
  await roundOf(job, numbers[0], () => {}); // what is compiled is not timed
  const rows: AggregationRow[] = [];
  for (const clients of numbers) rows.push(await roundOf(job, clients, note));
  const exponent = exponentOf(
    rows.map(({ clients, addMs, concludeMs }) => [clients, addMs + concludeMs]),
  );
  return { machine: thisMachine(), job, rows, exponent };
}

async function roundOf(
  sizes: Sizes,
  clients: number,
  note: (text: string) => void,
): Promise<AggregationRow> {
  const server = strategyNamed("fedmmkt").server({});
  const rng = createRng("aggregation");
  const state = stateOf(sizes, rng);
  const basis = server.basis?.(state);
  const made = Array.from({ length: Math.min(clients, different) }, (_, k) =>
    updateOf(k, sizes, rng.fork(`client ${k}`)),
  );
  let [sum, addMs, answers]: [Payload | undefined, number, number] = [undefined, 0, 0];
  for (let k = 0; k < clients; k++) {
    if (k % 50 === 0) note(`${clients} clients: adding answer ${k}`);
    const update = copyFor(k, made[k % made.length]);
    answers += modalitiesOf(update.client.modality).length;
    addMs += await processorTime(async () => {
      sum = server.accumulate(sum, update, basis);
    });
    // Progress is told, and Ctrl-C heard, between two answers.
    if (k % 50 === 0) await new Promise(setImmediate);
  }
  if (!sum) throw new Error("a round needs a client");
  const whole: Payload = sum;
  note(`${clients} clients: concluding`);
  await new Promise(setImmediate);
  const concludeMs = await processorTime(() => server.conclude(state, whole, {} as ServerEnv)); // it asks for nothing
  const bytes = Object.values(whole.arrays).reduce((all, { data }) => all + data.byteLength, 0);
  const peakRssMiB = process.resourceUsage().maxRSS / 1024;
  return { clients, answers, addMs, concludeMs, accumulatorMiB: bytes / 2 ** 20, peakRssMiB };
}

const copyFor = (k: number, { client, payload, age }: Update): Update => ({
  age,
  client: { ...client, id: clientId(`c${k}`) },
  payload: {
    ...payload,
    arrays: Object.fromEntries(
      Object.entries(payload.arrays).map(([name, array]) => [
        name,
        { ...array, data: array.data.slice() } as TensorData, // of the same kind
      ]),
    ),
  },
});

/** Milliseconds. */
async function processorTime(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const normal = (rng: Rng, length: number) => Float64Array.from({ length }, () => rng.normal());

function unitRows({ items, width }: Sizes, rng: Rng): TensorData {
  const data = new Float32Array(items * width);
  for (let i = 0; i < items; i++) {
    const row = normal(rng, width);
    data.set(
      row.map((value) => value / Math.hypot(...row)),
      i * width,
    );
  }
  return f32([items, width], data);
}

function shares({ items, classes }: Sizes, rng: Rng): TensorData {
  const data = new Float32Array(items * classes);
  for (let i = 0; i < items; i++) {
    const powers = normal(rng, classes).map((value) => Math.exp(2 * value));
    const total = powers.reduce((a, b) => a + b, 0);
    data.set(
      powers.map((value) => value / total),
      i * classes,
    );
  }
  return f32([items, classes], data);
}

/** A round's set of grey pictures, as the student sees it. */
function stateOf(sizes: Sizes, rng: Rng): Payload {
  const { items, classes } = sizes;
  const labels = Array.from({ length: items }, (_, i) => i % classes);
  const names = labels.map(String);
  return {
    arrays: {
      images: u8([items, 1, 1, 3], new Uint8Array(3 * items)),
      "g/image": unitRows(sizes, rng),
      "g/text": unitRows(sizes, rng),
      "g/seen": shares(sizes, rng),
    },
    meta: { set: 1, classes, prompts: names, captions: names, labels, last: null },
  };
}

function updateOf(k: number, sizes: Sizes, rng: Rng): Update {
  const { items, classes } = sizes;
  const modality = held[k % held.length];
  const arrays: Record<string, TensorData> = {};
  for (const m of modalitiesOf(modality)) {
    arrays[`p/${m}`] = shares(sizes, rng);
    arrays[`z/${m}`] = unitRows(sizes, rng);
  }
  if (modality !== "text") {
    arrays["critic/ratio"] = f32([items], normal(rng, items).map(Math.tanh));
    arrays["critic/held"] = u8([classes], new Uint8Array(classes).fill(1));
  }
  const client = { id: clientId(`c${k}`), modality, architecture: "any", samples: 50 + (k % 200) };
  return { client, age: 0, payload: { arrays, meta: { set: 1 } } };
}
