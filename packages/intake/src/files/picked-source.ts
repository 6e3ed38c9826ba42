import type { PickedFile } from "./browser-files";
import { type SlicedFile, slicedFile } from "./source-file";

/** Reads the parts that are asked for, never the whole. */
export const sourceOf = ({ path, file }: PickedFile): SlicedFile =>
  slicedFile(
    path,
    file.size,
    async (from, to) => new Uint8Array(await file.slice(from, to).arrayBuffer()),
  );
