import type { OwnEncoder } from "@tandem/client/own-encoder";
import { TandemError } from "@tandem/core/errors";
import type { BackboneOptions } from "@tandem/models/backbone/backbone";
import { givenFiles, type ReadFile, readBackbone } from "@tandem/models/backbone/files";
import { layersEncoder } from "@tandem/models/backbone/layers-encoder";
import type { EncoderOptions } from "./messages";

export type GivenFile = {
  /** From the folder that was chosen, or the file's name. */
  readonly path: string;
  readonly bytes: Blob;
};

/** A LayersModel of somebody's files on the present backend; throws what is wrong with it. */
export async function checkEncoder(
  files: readonly GivenFile[],
  { layer, normalisation, openSize }: EncoderOptions,
  reference?: BackboneOptions["reference"],
): Promise<OwnEncoder> {
  const { manifest, beside } = arranged(files);
  const read = givenFiles(beside);
  const kept: Record<string, Uint8Array> = {};
  const keeping: ReadFile = async (path, mostBytes) => {
    const bytes = await read(path, mostBytes);
    kept[path] = bytes;
    return bytes;
  };
  const found = await readBackbone(keeping, manifest);
  const encoder = await layersEncoder(found, { layer, normalisation, openSize, reference });
  const { size, features, parameters } = encoder;
  encoder.dispose();
  const named = layer === undefined ? {} : { layer };
  const { sha256 } = found;
  return {
    files: kept,
    manifest,
    pinned: { sha256, ...named, normalisation, size, features, parameters },
  };
}

/** The one .json, and all files by their paths from where it lies. */
function arranged(files: readonly GivenFile[]) {
  const all = files.filter(({ path }) => path.endsWith(".json"));
  const model = all.find(({ path }) => /(^|\/)model\.json$/.test(path)) ?? all[0];
  if (!model)
    throw new TandemError(
      "bad-data",
      `${files.length === 1 ? `${files[0].path} is not a` : `None of the ${files.length} files is a`} model.json: choose that together with the weight files beside it.`,
    );
  const folder = model.path.slice(0, model.path.lastIndexOf("/") + 1);
  const beside = files.flatMap(({ path, bytes }) =>
    path.startsWith(folder) ? [[path.slice(folder.length), bytes] as const] : [],
  );
  return { manifest: model.path.slice(folder.length), beside: Object.fromEntries(beside) };
}
