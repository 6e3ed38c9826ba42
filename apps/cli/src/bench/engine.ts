import { thisMachine } from "../harness/machine";
import type { EngineJob, EngineReport } from "./engine-report";
import { asProduct, onnxEngine } from "./onnx";
import { type EngineUnderTest, gigaflop, operations } from "./operations";
import { numberOf, startPython } from "./python";
import { takeTurns } from "./take-turns";
import { tfjsEngine } from "./tfjs";

export async function benchEngines(
  { seconds, python }: EngineJob,
  note: (text: string) => void,
): Promise<EngineReport> {
  note("starting the engines");
  const native = await nativeSgemm(python);
  const engines = [await tfjsEngine("wasm"), await tfjsEngine("cpu"), onnxEngine(1), onnxEngine(2)];
  try {
    const measured: EngineReport["operations"][number][] = [];
    for (const operation of operations) {
      const all = [native.engine, ...engines];
      const prepared = [];
      for (const engine of all) {
        note(`${operation.name}: preparing ${engine.name}`);
        prepared.push(await engine.prepare(operation));
      }
      const [sgemm, ...own] = await takeTurns(
        prepared.map(({ run }, i) => ({ name: all[i].name, run })),
        { seconds, note: (text) => note(`${operation.name}: ${text}`) },
      );
      for (const { release } of prepared) await release();
      const { name } = operation;
      measured.push({ name, gigaflop: gigaflop(operation), native: sgemm, engines: own });
    }
    return { machine: thisMachine(), native: native.name, operations: measured };
  } finally {
    await native.close();
  }
}

/** OpenBLAS or another library through NumPy; onnxruntime's MatMul where there is no NumPy. */
async function nativeSgemm(interpreter: string | undefined): Promise<{
  readonly name: string;
  readonly engine: EngineUnderTest;
  readonly close: () => Promise<void>;
}> {
  const numpy = await startPython({ script: "native_sgemm.py", module: "numpy", interpreter });
  if (!numpy) {
    const { prepare } = onnxEngine(1);
    return {
      name: "onnxruntime's MatMul on 1 thread, as there is no NumPy (pip install numpy)",
      engine: {
        name: "native sgemm",
        prepare: (operation) => prepare(asProduct(operation)),
      },
      close: async () => {},
    };
  }
  return {
    name: `${numpy.about.blas} through NumPy ${numpy.about.numpy}, 1 thread`,
    engine: {
      name: "native sgemm",
      prepare: async ({ product }) => ({
        run: async () => numberOf(await numpy.ask({ op: "sgemm", ...product }), "ms"),
        release: () => {},
      }),
    },
    close: numpy.close,
  };
}
