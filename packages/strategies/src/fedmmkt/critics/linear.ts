/** f(x) = x·weights + bias (docs/algorithm.md A5). */
export type Linear = { readonly weights: Float64Array; readonly bias: number };

/** Rows x (N, D), row after row; what each is worth in the sums, and the target of each. */
export type Rows = {
  readonly x: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
  readonly importances: ArrayLike<number>;
  readonly width: number;
};

/** The least Σ_i importance (f(x_i) − target)² / 2 + penalty |weights|² / 2. */
export const ridgeRegression = (rows: Rows, penalty: number): Linear =>
  asLinear(newtonStep(rows, penalty, start(rows), () => 1));

/**
 * The least Σ_i importance CE(target, sigmoid(f(x_i))) + penalty |weights|² / 2, by Newton's method, whose
 * steps are halved until they help. Targets are from 0 to 1. Convex: the same wherever it begins.
 */
export function ridgeLogistic(rows: Rows, penalty: number): Linear {
  let now: Float64Array = start(rows);
  let cost = logisticCost(rows, penalty, now);
  for (let round = 0; round < 30; round++) {
    const step = newtonStep(rows, penalty, now, (p) => p * (1 - p), sigmoid);
    let [share, next, least] = [1, step, logisticCost(rows, penalty, step)];
    while (!(least < cost) && share > 1e-3) {
      share /= 2;
      const part = share;
      next = now.map((value, i) => value + part * (step[i] - value));
      least = logisticCost(rows, penalty, next);
    }
    if (!(least < cost)) break;
    const gain = cost - least;
    [now, cost] = [next, least];
    if (gain <= 1e-9 * (1 + cost)) break;
  }
  return asLinear(now);
}

const sigmoid = (score: number) => 1 / (1 + Math.exp(-score));

/** Weights, and the bias last. */
const start = ({ width }: Rows) => new Float64Array(width + 1);
const asLinear = (values: Float64Array): Linear => ({
  weights: values.slice(0, -1),
  bias: values[values.length - 1],
});

function scoreOf({ x, width }: Rows, at: Float64Array, row: number): number {
  let score = at[width];
  for (let j = 0; j < width; j++) score += x[row * width + j] * at[j];
  return score;
}

function logisticCost(rows: Rows, penalty: number, at: Float64Array): number {
  let cost = 0;
  for (let row = 0; row < rows.targets.length; row++) {
    const score = scoreOf(rows, at, row);
    const softplus = Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score)));
    cost += rows.importances[row] * (softplus - rows.targets[row] * score);
  }
  for (let j = 0; j < rows.width; j++) cost += (penalty / 2) * at[j] ** 2;
  return cost;
}

/** Where a full step leads. `curvature` is the loss's second derivative by the score, of what `link` makes of it. */
function newtonStep(
  rows: Rows,
  penalty: number,
  at: Float64Array,
  curvature: (linked: number) => number,
  link = (score: number) => score,
): Float64Array {
  const { x, targets, importances, width } = rows;
  const n = width + 1;
  const [gradient, hessian] = [new Float64Array(n), new Float64Array(n * n)];
  for (let row = 0; row < targets.length; row++) {
    const linked = link(scoreOf(rows, at, row));
    const slope = importances[row] * (linked - targets[row]);
    const bend = importances[row] * curvature(linked);
    for (let i = 0; i < n; i++) {
      const xi = i < width ? x[row * width + i] : 1;
      gradient[i] += slope * xi;
      for (let j = 0; j <= i; j++)
        hessian[i * n + j] += bend * xi * (j < width ? x[row * width + j] : 1);
    }
  }
  for (let i = 0; i < width; i++) {
    gradient[i] += penalty * at[i];
    hessian[i * n + i] += penalty;
  }
  hessian[n * n - 1] += 1e-9; // the bias has no penalty, and where all rows count nothing no curvature
  const move = solved(hessian, gradient);
  return at.map((value, i) => value - move[i]);
}

/** The lower triangle L of a positive definite matrix (n, n) = L Lᵀ, of which the lower triangle is read. */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j];
      for (let k = 0; k < j; k++) sum -= lower[i * n + k] * lower[j * n + k];
      lower[i * n + j] = i === j ? Math.sqrt(sum) : sum / lower[j * n + j];
    }
  return lower;
}

/** The solution of A v = b, for A as `cholesky` takes it. */
function solved(matrix: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const lower = cholesky(matrix, n);
  const v = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) v[i] -= lower[i * n + k] * v[k];
    v[i] /= lower[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) v[i] -= lower[k * n + i] * v[k];
    v[i] /= lower[i * n + i];
  }
  return v;
}
