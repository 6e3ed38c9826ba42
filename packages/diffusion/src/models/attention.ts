import { add, mul } from "@tandem/graph/elementwise";
import { matmul } from "@tandem/graph/linear";
import { softmax } from "@tandem/graph/normalise";
import { concat, reshape, slice, transpose } from "@tandem/graph/shape";
import type { Tensor } from "@tandem/graph/tensor";
import { linear } from "./layers";
import type { Source } from "./source";

export type AttentionLimit = {
  /** Largest score matrix in bytes; a larger one is computed in slices of the queries. */
  readonly maxScoreBytes?: number;
};

export type AttentionOptions = AttentionLimit & {
  readonly heads: number;
  /** Of the query, key and value projections. */
  readonly bias?: boolean;
  /** (n, m), added to the scores. */
  readonly mask?: Tensor;
  readonly names?: {
    readonly q: string;
    readonly k: string;
    readonly v: string;
    readonly out: string;
  };
};

const diffusersNames = { q: "to_q", k: "to_k", v: "to_v", out: "to_out.0" };

/** Multi-head attention of x (B, n, d) over context (B, m, e). */
export function attention(
  p: Source,
  name: string,
  x: Tensor,
  context: Tensor,
  options: AttentionOptions,
): Tensor {
  const { heads, bias = false, mask, names = diffusersNames, maxScoreBytes = 2 ** 28 } = options;
  const [batch, n, width] = x.shape;
  const [, m] = context.shape;
  const split = (of: Tensor, part: string, perm: readonly number[]) => {
    const y = linear(p, `${name}.${part}`, of, width, { bias });
    return transpose(reshape(y, [batch, of.shape[1], heads, width / heads]), perm);
  };
  const q = mul(split(x, names.q, [0, 2, 1, 3]), 1 / Math.sqrt(width / heads)); // (B, H, n, d/H)
  const k = split(context, names.k, [0, 2, 3, 1]); // (B, H, d/H, m)
  const v = split(context, names.v, [0, 2, 1, 3]); // (B, H, m, d/H)
  const rowBytes = 4 * batch * heads * m;
  const rows = Math.max(1, Math.min(n, Math.floor(maxScoreBytes / rowBytes)));
  const parts = Array.from({ length: Math.ceil(n / rows) }, (_, i) => {
    const [from, to] = [i * rows, Math.min(n, (i + 1) * rows)];
    const whole = rows === n;
    const scores = matmul(whole ? q : slice(q, 2, from, to), k); // (B, H, to - from, m)
    const masked = mask && add(scores, whole ? mask : slice(mask, 0, from, to));
    return matmul(softmax(masked ?? scores), v);
  });
  const mixed = parts.length === 1 ? parts[0] : concat(parts, 2);
  const merged = reshape(transpose(mixed, [0, 2, 1, 3]), [batch, n, width]);
  return linear(p, `${name}.${names.out}`, merged, width);
}
