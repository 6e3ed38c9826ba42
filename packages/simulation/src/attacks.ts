import type { LabelledSet } from "@tandem/core/data";
import { TandemError, unreachable } from "@tandem/core/errors";
import { listed } from "@tandem/core/format";
import type { JsonObject } from "@tandem/core/json";
import type { Payload } from "@tandem/core/payload";
import { createRng, type Rng } from "@tandem/core/rng";
import type { ClientHalf, FitContext } from "@tandem/core/strategy";
import { f32 } from "@tandem/core/tensor";
import { matrix, normalise } from "@tandem/strategies/aggregation/rows";
import { isCritic } from "@tandem/strategies/fedmmkt/answers";
import type { FedmmktConfig } from "@tandem/strategies/fedmmkt/config";
import { limit } from "@tandem/strategies/fedmmkt/critics/ratios";
import { askedSet } from "@tandem/strategies/synthetic-set/remembered-sets";

/**
 * `random`: answers of noise. `label-flip`: honest training on labels y → y + 1 (mod C). `colluding`:
 * all tell one wrong class of an item, and are sure of it. `critic`: honest but for
 * the critic, which calls each picture its own that it should not, and the other way round, with full force;
 * of the clients that lie those that hold no pictures have no critic, and so do nothing.
 */
export const attackKinds = ["random", "label-flip", "colluding", "critic"] as const;

/** Clients that lie, for simulations: some of all, always the same for a seed. */
export type Attack = {
  readonly kind: (typeof attackKinds)[number];
  /** Of the clients, 0-1, to the nearest whole number. */
  readonly share: number;
  readonly seed: number;
};

/** Strategies whose uploads an attack can forge: rows p/…, z/… about the round's set, or a critic's. */
const answers: readonly string[] = ["fedmmkt", "creamfl"];
const forgeable: Readonly<Partial<Record<Attack["kind"], readonly string[]>>> = {
  random: answers,
  colluding: answers,
  critic: ["fedmmkt"],
};

/**
 * The places that attack, in order; those of a smaller share are among those of a larger one. Throws
 * `bad-config` where the share is none or the attack is not known for the strategy, as it is configured.
 */
export function attackersOf(
  { kind, share, seed }: Attack,
  {
    clients,
    strategy,
    strategyConfig = {},
  }: {
    readonly clients: number;
    readonly strategy: string;
    readonly strategyConfig?: JsonObject | undefined;
  },
): readonly number[] {
  const refuse = (message: string) => new TandemError("bad-config", `attack: ${message}`);
  if (!(share >= 0 && share <= 1)) throw refuse(`the share is from 0 to 1, not ${share}.`);
  const count = Math.round(share * clients);
  if (share > 0 && count === 0)
    throw refuse(`a share of ${share} of ${clients} clients is nobody: raise it, or use 0.`);
  if (forgeable[kind]?.includes(strategy) === false) {
    const known = listed(forgeable[kind], "or");
    throw refuse(`"${kind}" forges uploads of ${known}, not of ${strategy}: use label-flip.`);
  }
  const { critics = "clients" } = strategyConfig as Partial<Pick<FedmmktConfig, "critics">>;
  if (kind === "critic" && share > 0 && !isCritic({ critics }, "image"))
    throw refuse(`"${kind}" forges what clients' critics say, and critics are "${critics}".`);
  const order = createRng(`attackers/${seed}`).permutation(clients);
  return Array.from(order.slice(0, count).sort());
}

/** The client half as the attacker in this place runs it. The server's checks let all of it pass. */
export function attacked(half: ClientHalf, { kind, seed }: Attack, slot: number): ClientHalf {
  switch (kind) {
    case "label-flip":
      return {
        fit: (context, instruction) =>
          half.fit(
            { ...context, data: flipped(context.data, context.classes.length) },
            instruction,
          ),
      };
    case "random":
      return forging(half, ({ round, classes }) =>
        noise(createRng(`attack/${seed}/${slot}/${round}`), classes.length),
      );
    case "colluding": // drawn without the place: the same for all
      return forging(half, ({ round, classes }, labels) =>
        oneLie(createRng(`attack/${seed}`), { round, labels, classes: classes.length }),
      );
    case "critic":
      return {
        async fit(context, instruction) {
          const result = await half.fit(context, instruction);
          return { ...result, update: inverted(result.update) };
        },
      };
    default:
      return unreachable(kind);
  }
}

/** Trains and answers honestly, and uploads what the forger says instead. */
const forging = (
  half: ClientHalf,
  forgerOf: (context: FitContext, labels: readonly number[]) => Forger,
): ClientHalf => ({
  async fit(context, instruction) {
    const result = await half.fit(context, instruction);
    return {
      ...result,
      update: forged(result.update, forgerOf(context, askedSet(instruction).labels)),
    };
  },
});

const flipped = (data: LabelledSet, classes: number): LabelledSet => ({
  ...data,
  labels: data.labels.map((label) => (label + 1) % classes),
});

/** What is said of item i: probabilities (C,), and a description of length 1. */
type Forger = {
  readonly probabilities: (i: number) => ArrayLike<number>;
  readonly description: (i: number, width: number) => ArrayLike<number>;
};

/** Uniform on the simplex, and on the sphere. */
const noise = (rng: Rng, classes: number): Forger => ({
  probabilities() {
    const row = Array.from({ length: classes }, () => -Math.log(1 - rng.uniform()));
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((value) => value / total);
  },
  description: (_, width) => direction(rng, width),
});

/** Ratios of full size and the opposite sign. */
function inverted(update: Payload): Payload {
  const ratio = update.arrays["critic/ratio"];
  if (!ratio) return update; // who holds no pictures has no critic
  const data = Float32Array.from(ratio.data, (r) => (r > 0 ? -limit : limit));
  return { ...update, arrays: { ...update.arrays, "critic/ratio": f32(ratio.shape, data) } };
}

/** A wrong class for each item, anew each round, and always the same description of a class. */
function oneLie(
  rng: Rng,
  {
    round,
    labels,
    classes,
  }: { readonly round: number; readonly labels: readonly number[]; readonly classes: number },
): Forger {
  const drawn = rng.fork(`round ${round}`);
  const told = labels.map((label) => (label + 1 + drawn.integer(classes - 1)) % classes);
  return {
    probabilities: (i) => Array.from({ length: classes }, (_, c) => Number(c === told[i])),
    description: (i, width) => direction(rng.fork(`class ${told[i]}`), width),
  };
}

const direction = (rng: Rng, width: number) =>
  normalise(Array.from({ length: width }, () => rng.normal()));

/** An upload of the same names and shapes that says what the forger does. */
function forged(update: Payload, { probabilities, description }: Forger): Payload {
  const rewritten = Object.entries(update.arrays).map(([name, { shape }]) => {
    const rows = (row: (i: number) => ArrayLike<number>) =>
      matrix(Array.from({ length: shape[0] }, (_, i) => row(i)));
    if (name.startsWith("p/")) return [name, rows(probabilities)] as const;
    if (name.startsWith("z/")) return [name, rows((i) => description(i, shape[1]))] as const;
    if (name.startsWith("critic/")) return [name, update.arrays[name]] as const;
    throw new Error(`no forgery of "${name}" is known`);
  });
  return { ...update, arrays: Object.fromEntries(rewritten) };
}
