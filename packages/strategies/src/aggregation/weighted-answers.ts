import { centreOf, type Pooling, plainPooling } from "./robust";
import { dot, entropy, logSumExp, normalise, type Rows, sharpen } from "./rows";

/**
 * s_i = log Σ_{j∈P(i)} e^{z_i·g_j/τ} - log Σ_j e^{z_i·g_j/τ}. P(i) holds the samples of i's group.
 * CreamFL's con_w with multi-positive sets (arXiv 2302.08888).
 */
export function contrastScores(
  z: Rows,
  others: Rows,
  groups: ArrayLike<number>,
  temperature: number,
): Float64Array {
  return Float64Array.from(z, (row, i) => {
    const scores = others.map((other) => dot(row, other) / temperature);
    const positives = scores.filter((_, j) => groups[j] === groups[i]);
    return logSumExp(positives) - logSumExp(scores);
  });
}

/** The same, not below chance, log(|P(i)|/N). */
export function flooredScores(
  z: Rows,
  others: Rows,
  groups: ArrayLike<number>,
  temperature: number,
): Float64Array {
  const same = (i: number) => others.filter((_, j) => groups[j] === groups[i]).length;
  return contrastScores(z, others, groups, temperature).map((score, i) =>
    Math.max(score, Math.log(same(i) / others.length)),
  );
}

/** How far what one client says is to be believed about each sample. */
type Weights = {
  /** a_{k,y_i} (N,): its reliability about the sample's class. */
  readonly reliability: ArrayLike<number>;
  /** Rounds since it was asked for. */
  readonly age: number;
};

/** How a client describes the samples in one modality: unit rows z (N, d), and their scores s (N,). */
export type Description = Weights & { readonly z: Rows; readonly scores: ArrayLike<number> };

/** Which classes a client sees in them: rows of probabilities (N, C), from n_k private samples. */
export type Prediction = Weights & { readonly probabilities: Rows; readonly samples: number };

/** Of an answer that came so many rounds late. */
export const ageWeight = (age: number) => Math.exp(-0.5 * age);

/** w_{k,i} = e^{s} a e^{-age/2}, unnormalised: (K, N). */
export function representationWeights(
  clients: readonly Pick<Description, "scores" | "reliability" | "age">[],
): Float64Array[] {
  return clients.map((client) =>
    Float64Array.from(
      client.scores,
      (score, i) => Math.exp(score) * client.reliability[i] * ageWeight(client.age),
    ),
  );
}

/** The server's own rows, which are what is left where there is no client. */
type OwnRows = {
  readonly z: Rows;
  readonly scores: ArrayLike<number>;
  readonly weight: number;
};

/** Z̄: unit rows of `meanRepresentations`, (N, d). */
export const fuseRepresentations = (
  clients: readonly Description[],
  student: OwnRows,
  pooling: Pooling = plainPooling,
): Float64Array[] => meanRepresentations(clients, student, pooling).map(normalise);

/**
 * (ω0 e^{s0} g_i + Σ_k w_{k,i} z_{k,i}) / (ω0 e^{s0} + Σ_k w_{k,i}), or the robust centre of the same
 * rows under the same weights: the student's own row g where there is no client. (N, d)
 */
export function meanRepresentations(
  clients: readonly Description[],
  student: OwnRows,
  pooling: Pooling = plainPooling,
): Float64Array[] {
  const rows = representationWeights(clients);
  return student.z.map((g, i) => {
    const own = student.weight * Math.exp(student.scores[i]);
    const weights = rows.map((row) => row[i]);
    if (pooling.robust !== "weighted" && [own, ...weights].some((weight) => weight > 0))
      return centreOf([g, ...clients.map(({ z }) => z[i])], [own, ...weights], pooling);
    const sum = Float64Array.from(g, (value) => own * value);
    let total = own;
    clients.forEach((client, k) => {
      const w = weights[k];
      const row = client.z[i];
      for (let j = 0; j < row.length; j++) sum[j] += w * row[j];
      total += w;
    });
    return total > 0 ? sum.map((value) => value / total) : Float64Array.from(g);
  });
}

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
 * w'_{k,i} = a (1 - H/log C) √n e^{-age/2}, then p̄, Ȳ = p̄^{1/T}, J and conf of each sample. Any other
 * rule than weighted leaves out (1 - H/log C) √n, which a liar may choose; J is of the linear pool.
 */
export function poolPredictions(
  clients: readonly Prediction[],
  temperature: number,
  pooling: Pooling = plainPooling,
): Consensus {
  const isWeighted = pooling.robust === "weighted";
  const samples = clients[0].probabilities.length;
  const classes = clients[0].probabilities[0].length;
  const pooled: Float64Array[] = [];
  const disagreement = new Float64Array(samples);
  const confidence = new Float64Array(samples);
  for (let i = 0; i < samples; i++) {
    const entropies = clients.map((client) => entropy(client.probabilities[i]));
    const raw = clients.map(
      (client, k) =>
        client.reliability[i] *
        (isWeighted ? Math.max(1 - entropies[k] / Math.log(classes), 1e-6) : 1) *
        (isWeighted ? Math.sqrt(client.samples) : 1) *
        ageWeight(client.age),
    );
    const total = raw.reduce((a, b) => a + b, 0);
    const weights = raw.map((w) => w / total);
    const mean = new Float64Array(classes);
    clients.forEach((client, k) => {
      for (let c = 0; c < classes; c++) mean[c] += weights[k] * client.probabilities[i][c];
    });
    const centre = isWeighted ? mean : robustRow(clients, i, weights, pooling);
    pooled.push(centre);
    disagreement[i] = Math.max(
      0,
      entropy(mean) - weights.reduce((sum, w, k) => sum + w * entropies[k], 0),
    );
    confidence[i] = Math.max(...centre) * (1 - disagreement[i] / Math.log(classes));
  }
  return {
    pooled,
    sharpened: pooled.map((row) => sharpen(row, temperature)),
    disagreement,
    confidence,
  };
}

/** The robust centre of what clients say of sample i, as a distribution; uniform if no class is left. */
function robustRow(
  clients: readonly Pick<Prediction, "probabilities">[],
  i: number,
  weights: readonly number[],
  pooling: Pooling,
): Float64Array {
  const rows = clients.map(({ probabilities }) => probabilities[i]);
  const centre = centreOf(rows, weights, pooling);
  const total = centre.reduce((a, b) => a + b, 0);
  return centre.map((value) => (total > 0 ? value / total : 1 / centre.length));
}
