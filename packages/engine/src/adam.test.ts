import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { createAdam } from "./adam";
import { startNodeEngine } from "./node";

it("steps as tfjs's Adam does, and leaves no tensor behind", async () => {
  await startNodeEngine();
  const before = tf.memory().numTensors;
  const stock = tf.train.adam(0.1);
  const ownVariables = startingPoint();
  const own = createAdam(0.1, Object.values(ownVariables));
  const stockVariables = startingPoint();
  for (let step = 1; step <= 5; step++) {
    const cost = own.minimize(() => loss(ownVariables, step));
    const expected = stock.minimize(() => loss(stockVariables, step), true);
    expect(cost.dataSync()[0]).toBeCloseTo(expected?.dataSync()[0] ?? 0, 3);
    tf.dispose([cost, expected ?? []]);
    for (const name of ["matrix", "vector", "unused"] as const) {
      const values = [...stockVariables[name].dataSync()];
      for (const [i, value] of ownVariables[name].dataSync().entries())
        expect(value).toBeCloseTo(values[i], 5);
    }
  }
  expect([...ownVariables.vector.dataSync()]).not.toEqual([5, 6]);
  own.dispose();
  stock.dispose();
  tf.dispose([ownVariables, stockVariables]);
  expect(tf.memory().numTensors).toBe(before);
});

it("runs two operations for each variable and a dozen for all", async () => {
  await startNodeEngine();
  for (const count of [1, 20]) {
    const variables = Array.from({ length: count }, () => tf.variable(tf.scalar(1)));
    const total = () => tf.addN(variables.map((one) => tf.square(one))) as tf.Scalar;
    const adam = createAdam(0.1, variables);
    const step = await kernelsOf(() => adam.minimize(total));
    const gradient = await kernelsOf(() => tf.variableGrads(total, variables));
    expect(step - gradient).toBeLessThanOrEqual(count + 16);
    adam.dispose();
    tf.dispose(variables);
  }
});

/** Without those that compute nothing. */
async function kernelsOf(work: () => unknown): Promise<number> {
  const { kernels } = await tf.profile(() => {
    work();
    return [];
  });
  return kernels.filter(({ name }) => !["Reshape", "Identity"].includes(name)).length;
}

it("refuses a loss that no variable has a part in", async () => {
  await startNodeEngine();
  const variable = tf.variable(tf.scalar(1));
  const adam = createAdam(0.1, [variable]);
  expect(() => adam.minimize(() => tf.scalar(2))).toThrow(/connection/);
  adam.dispose();
  variable.dispose();
});

const startingPoint = () =>
  tf.tidy(() => ({
    matrix: tf.variable(tf.tensor2d([1, -2, 3, 4], [2, 2])),
    vector: tf.variable(tf.tensor1d([5, 6])),
    unused: tf.variable(tf.scalar(7)),
  }));

const loss = ({ matrix, vector }: ReturnType<typeof startingPoint>, step: number) =>
  tf.mean(
    tf.square(
      tf.sub(tf.add(tf.matMul(matrix as tf.Tensor2D, matrix as tf.Tensor2D), vector), step),
    ),
  ) as tf.Scalar;
