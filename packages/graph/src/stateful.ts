import { compile, type SessionOptions, Value, type Values } from "./onnx-session";
import { size, type Tensor } from "./tensor";

const carried = "next:";

/** A graph that keeps values from run to run, for example weights and the moments of an optimiser. */
export type Stateful = {
  /** Takes what is not kept, gives the outputs that are not kept. */
  readonly run: (inputs: Values) => Promise<Values>;
  /** The kept values by name; the next run but one overwrites them: copy what must last. */
  readonly state: () => Values;
  readonly release: () => Promise<void>;
};

/**
 * Each output "next:NAME" is the input NAME of the next run. Two buffers a name take turns, so that
 * nothing is allocated or copied between runs. `initial` values are read once and never written.
 */
export async function compileStateful(
  outputs: Readonly<Record<string, Tensor>>,
  initial: Values,
  options: SessionOptions = {},
): Promise<Stateful> {
  const kept = Object.keys(outputs).filter((name) => name.startsWith(carried));
  const buffers = (): Record<string, Value> =>
    Object.fromEntries(
      kept.map((name) => {
        const { shape } = outputs[name];
        return [name, new Value("float32", new Float32Array(size(shape)), shape)];
      }),
    );
  const compiled = await compile(outputs, options);
  let [target, spare] = [buffers(), buffers()];
  let state: Values = Object.fromEntries(
    kept.map((name) => {
      const own = name.slice(carried.length);
      if (!(own in initial)) throw new Error(`no initial value of "${own}"`);
      return [own, initial[own]];
    }),
  );
  const free = Object.keys(outputs).filter((name) => !name.startsWith(carried));
  return {
    async run(inputs) {
      const results = await compiled.run({ ...inputs, ...state }, target);
      state = Object.fromEntries(kept.map((name) => [name.slice(carried.length), target[name]]));
      [target, spare] = [spare, target];
      return Object.fromEntries(free.map((name) => [name, results[name]]));
    },
    state: () => state,
    release: () => compiled.release(),
  };
}
