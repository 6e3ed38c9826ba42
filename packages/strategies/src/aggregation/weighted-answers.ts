import { addRows, type ExactSum, noSum, valuesOf } from "./exact-sums";
import { centreOf, type Pooling, plainPooling } from "./robust";
import { entropy, normalise, rowAt, sharpen, type Table } from "./rows";

/** How far what one client says is to be believed about each sample. */
type Weights = {
  /** a_{k,y_i} (N,): its reliability about the sample's class. */
  readonly reliability: ArrayLike<number>;
  /** Rounds since it was asked for. */
  readonly age: number;
};

/** How a client describes the samples in one modality: unit rows z (N, d), and their scores s (N,), 0 at most. */
export type Description = Weights & { readonly z: Table; readonly scores: ArrayLike<number> };

/** Which classes a client sees in them: rows of probabilities (N, C), from n_k private samples. */
export type Prediction = Weights & { readonly probabilities: Table; readonly samples: number };

/** Of an answer that came so many rounds late. */
export const ageWeight = (age: number) => Math.exp(-0.5 * age);

/** w_{k,i} = e^{s} a e^{-age/2}, unnormalised: (N,). */
export const descriptionWeights = ({
  scores,
  reliability,
  age,
}: Pick<Description, "scores" | "reliability" | "age">): Float64Array =>
  Float64Array.from(scores, (score, i) => Math.exp(score) * reliability[i] * ageWeight(age));

/** The server's own rows, which are what is left where there is no client. */
type OwnRows = {
  readonly z: Table;
  readonly scores: ArrayLike<number>;
  readonly weight: number;
};

/** Σ_k w_{k,i} z_{k,i} (N, d) and Σ_k w_{k,i} (N,). */
export type DescriptionSums = { readonly rows: ExactSum; readonly weights: ExactSum };

export const noDescriptions = ([count, width]: readonly number[]): DescriptionSums => ({
  rows: noSum(count * width),
  weights: noSum(count),
});

/** Adds to the sums, which it changes. */
export function addDescription(sums: DescriptionSums, client: Description): void {
  const weights = descriptionWeights(client);
  addRows(sums.rows, { data: client.z.data, width: client.z.shape[1] }, weights);
  addRows(sums.weights, { width: 1 }, weights);
}

/**
 * (ω0 e^{s0} g_i + Σ_k w_{k,i} z_{k,i}) / (ω0 e^{s0} + Σ_k w_{k,i}): the student's own row g where there
 * is no client. (N, d)
 */
export function meanDescriptions(sums: DescriptionSums, student: OwnRows): Float64Array[] {
  const [rows, weights] = [valuesOf(sums.rows), valuesOf(sums.weights)];
  const width = student.z.shape[1];
  return Array.from(weights, (weight, i) => {
    const own = student.weight * Math.exp(student.scores[i]);
    const g = rowAt(student.z, i);
    const total = own + weight;
    return Float64Array.from(g, (value, j) =>
      total > 0 ? (own * value + rows[i * width + j]) / total : value,
    );
  });
}

/** Z̄: unit rows (N, d) of the means, or of the robust centre of the same rows under the same weights. */
export function fuseRepresentations(
  clients: readonly Description[],
  student: OwnRows,
  pooling: Pooling = plainPooling,
): Float64Array[] {
  if (isSum(pooling)) {
    const sums = noDescriptions(student.z.shape);
    for (const client of clients) addDescription(sums, client);
    return meanDescriptions(sums, student).map(normalise);
  }
  const rows = clients.map(descriptionWeights);
  return Array.from({ length: student.z.shape[0] }, (_, i) => {
    const weights = [student.weight * Math.exp(student.scores[i]), ...rows.map((row) => row[i])];
    const said = [rowAt(student.z, i), ...clients.map(({ z }) => rowAt(z, i))];
    const isSaid = weights.some((weight) => weight > 0);
    return normalise(isSaid ? centreOf(said, weights, pooling) : said[0]);
  });
}

/** Whether a rule's centre follows from sums over the clients. */
export const isSum = ({ robust }: Pick<Pooling, "robust">): boolean =>
  robust === "weighted" || robust === "mean";

export type Consensus = {
  /** p̄, linear pool or robust centre: (N, C). */
  readonly pooled: readonly Float64Array[];
  /** Ȳ, sharpened: (N, C). */
  readonly sharpened: readonly Float64Array[];
  /** J, Jensen-Shannon disagreement in nats: (N,). */
  readonly disagreement: Float64Array;
  /** conf = max p̄ (1 - J / log C): (N,). */
  readonly confidence: Float64Array;
};

/**
 * w'_{k,i} = a (1 - H/log C) √n e^{-age/2}, unnormalised, and H: (N,) each. Any other rule than weighted
 * leaves out (1 - H/log C) √n, which a liar may choose.
 */
export function predictionWeights(
  { probabilities, reliability, samples, age }: Prediction,
  { robust }: Pick<Pooling, "robust">,
): { readonly weights: Float64Array; readonly entropies: Float64Array } {
  const classes = probabilities.shape[1];
  const entropies = Float64Array.from({ length: probabilities.shape[0] }, (_, i) =>
    entropy(rowAt(probabilities, i)),
  );
  const isWeighted = robust === "weighted";
  const weights = entropies.map(
    (h, i) =>
      reliability[i] *
      (isWeighted ? Math.max(1 - h / Math.log(classes), 1e-6) : 1) *
      (isWeighted ? Math.sqrt(samples) : 1) *
      ageWeight(age),
  );
  return { weights, entropies };
}

/** p̄, Ȳ = p̄^{1/T}, J and conf of each sample; J is of the linear pool. */
export function poolPredictions(
  clients: readonly Prediction[],
  temperature: number,
  pooling: Pooling = plainPooling,
): Consensus {
  const [samples, classes] = clients[0].probabilities.shape;
  const all = clients.map((client) => predictionWeights(client, pooling));
  const totals = new Float64Array(samples);
  for (const { weights } of all) for (let i = 0; i < samples; i++) totals[i] += weights[i];
  const means = new Float64Array(samples * classes);
  const within = new Float64Array(samples);
  clients.forEach(({ probabilities: { data } }, k) => {
    const { weights, entropies } = all[k];
    for (let i = 0; i < samples; i++) {
      weights[i] /= totals[i];
      within[i] += weights[i] * entropies[i];
      for (let at = i * classes; at < (i + 1) * classes; at++) means[at] += weights[i] * data[at];
    }
  });
  const mixtures = Array.from({ length: samples }, (_, i) =>
    means.subarray(i * classes, (i + 1) * classes),
  );
  const pooled =
    pooling.robust === "weighted"
      ? mixtures
      : mixtures.map((_, i) =>
          robustRow(
            clients.map(({ probabilities }) => rowAt(probabilities, i)),
            all.map(({ weights }) => weights[i]),
            pooling,
          ),
        );
  const disagreement = within.map((h, i) => Math.max(0, entropy(mixtures[i]) - h));
  return {
    pooled,
    sharpened: pooled.map((row) => sharpen(row, temperature)),
    disagreement,
    confidence: disagreement.map((j, i) => Math.max(...pooled[i]) * (1 - j / Math.log(classes))),
  };
}

/** The robust centre of rows (K, C) as a distribution; uniform if no class is left. */
function robustRow(
  rows: readonly ArrayLike<number>[],
  weights: readonly number[],
  pooling: Pooling,
): Float64Array {
  const centre = centreOf(rows, weights, pooling);
  const total = centre.reduce((a, b) => a + b, 0);
  return centre.map((value) => (total > 0 ? value / total : 1 / centre.length));
}
