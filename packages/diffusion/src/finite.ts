import { TandemError } from "@tandem/core/errors";

/** Throws `bad-data` with the tensor's name and the place of the first NaN or infinity. */
export function refuseNonFinite(name: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new TandemError(
        "bad-data",
        `"${name}" holds ${values[i]} (value ${i} of ${values.length}): its training diverged or the file is damaged`,
      );
}
