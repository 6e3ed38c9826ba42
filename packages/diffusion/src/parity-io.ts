import { readFile } from "node:fs/promises";
import { TandemError } from "@tandem/core/errors";
import { sizeOf } from "@tandem/core/tensor";

/** Numbers with a shape, whatever their type in the file. */
export type Numbers = { readonly shape: readonly number[]; readonly data: Float64Array };

/** A small safetensors file of reference numbers, which may hold 64-bit integers. */
export async function readNumbers(path: string): Promise<Readonly<Record<string, Numbers>>> {
  const file = new Uint8Array(await readFile(path));
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header: Record<string, { dtype: string; shape: number[]; data_offsets: number[] }> =
    JSON.parse(new TextDecoder().decode(file.subarray(8, start)));
  return Object.fromEntries(
    Object.entries(header)
      .filter(([name]) => name !== "__metadata__")
      .map(
        ([
          name,
          {
            dtype,
            shape,
            data_offsets: [begin],
          },
        ]) => {
          const at = (i: number, bytes: number) => start + begin + i * bytes;
          const read =
            dtype === "F32"
              ? (i: number) => view.getFloat32(at(i, 4), true)
              : dtype === "I64"
                ? (i: number) => Number(view.getBigInt64(at(i, 8), true))
                : undefined;
          if (!read)
            throw new TandemError(
              "not-supported",
              `${path}: "${name}" is ${dtype}, not F32 or I64`,
            );
          const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) => read(i));
          return [name, { shape, data }];
        },
      ),
  );
}
