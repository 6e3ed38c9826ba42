import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";
import { type Arrays, arrayOf, f32 } from "@tandem/core/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** The variables of one model by name, each initialised from the seed and its name. */
export function createVariables(seed: number) {
  const all: Record<string, tf.Variable> = {};
  const frozen: tf.Variable[] = [];
  const create = (name: string, shape: readonly number[], values: () => number) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const data = Float32Array.from({ length: size }, values);
    all[name] = tf.tidy(() => tf.variable(tf.tensor(data, [...shape]), true));
    return all[name];
  };
  return {
    all: all as Readonly<Record<string, tf.Variable>>,
    normal(name: string, shape: readonly number[], deviation: number) {
      const rng = createRng(`${seed}/${name}`);
      return create(name, shape, () => rng.normal() * deviation);
    },
    fill: (name: string, shape: readonly number[], value: number) =>
      create(name, shape, () => value),
    /** One that exists already, and is the model's from now on. */
    adopt(name: string, variable: tf.Variable) {
      if (Object.hasOwn(all, name)) throw new TandemError("bad-data", `two weights are "${name}"`);
      all[name] = variable;
    },
    /** One that stays as it is: it is neither trained nor one of the weights, and goes with them. */
    keep: (variable: tf.Variable) => void frozen.push(variable),
    async weights(): Promise<Arrays> {
      const entries = Object.entries(all).map(
        async ([name, variable]) => [name, f32(variable.shape, await variable.data())] as const,
      );
      return Object.fromEntries(await Promise.all(entries));
    },
    load(weights: Arrays) {
      const bad = (what: string) => new TandemError("bad-data", `weights: ${what}`);
      for (const name of Object.keys(weights))
        if (!Object.hasOwn(all, name)) throw bad(`"${name}" is surplus`);
      for (const [name, variable] of Object.entries(all)) {
        if (!(name in weights)) throw bad(`"${name}" is missing`);
        if (String(weights[name].shape) !== String(variable.shape))
          throw bad(`"${name}" is [${weights[name].shape}], not [${variable.shape}]`);
      }
      for (const [name, variable] of Object.entries(all))
        tf.tidy(() =>
          variable.assign(tf.tensor(arrayOf(weights, name, "f32").data, variable.shape)),
        );
    },
    dispose() {
      for (const variable of [...Object.values(all), ...frozen]) variable.dispose();
    },
  };
}
export type Variables = ReturnType<typeof createVariables>;
