import { basename, dirname } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { peftFiles } from "./peft";

const weightNames: readonly string[] = [peftFiles.weights, peftFiles.modelWeights];
export const isPickle = (name: string) => /\.(bin|pt|pth|ckpt)$/i.test(name);
const isWeights = (name: string) => name.endsWith(".safetensors") && !name.startsWith(".");
/** Of a name with slashes. */
export const folderOf = (name: string) => (name.includes("/") ? dirname(name) : "");

/** Where the adapter lies in a zip: at the top, or in the one folder that was packed. */
export function folderAmong(path: string, names: readonly string[]): string {
  const folders = names.flatMap((name) =>
    !name.startsWith("__MACOSX/") && (isWeights(basename(name)) || isPickle(name))
      ? [folderOf(name)]
      : [],
  );
  const depth = (folder: string) => (folder === "" ? 0 : folder.split("/").length);
  const least = Math.min(...folders.map(depth));
  const top = [...new Set(folders.filter((folder) => depth(folder) === least))].sort();
  if (top.length < 2) return top[0] ?? "";
  throw new TandemError(
    "bad-config",
    `${path} holds adapters in ${top.join(", ")}: unpack it and name the one to use`,
  );
}

/** The file of an adapter by the names that its tools give it, or the only one of its kind. */
export function weightsAmong(path: string, names: readonly string[]): string {
  const named = weightNames.find((name) => names.includes(name));
  if (named) return named;
  const all = names.filter(isWeights).sort();
  if (all.length === 1) return all[0];
  if (all.length > 1)
    throw new TandemError("bad-config", `${path} holds ${all.join(", ")}: name the one to use`);
  const pickles = names.filter(isPickle);
  if (pickles.length > 0) throw pickled(path, pickles);
  throw new TandemError(
    "not-found",
    `${path} holds none of ${weightNames.join(", ")}, nor another .safetensors file`,
  );
}

export const pickled = (path: string, names: readonly string[]) =>
  new TandemError(
    "not-supported",
    `${path}: ${names.join(", ")} may run code when it is read, and is not: save the adapter as .safetensors`,
  );

/** Whether the config of a folder is of this file: of one by the tools' names, or of the only one. */
export function isOwnConfig(config: string, file: string, names: readonly string[]): boolean {
  if (weightNames.includes(file)) return true;
  if (names.some((name) => weightNames.includes(name))) return false;
  const all = names.filter(isWeights).sort();
  if (all.length < 2) return true;
  throw new TandemError(
    "conflict",
    `${config} may be of any of ${all.join(", ")}: give its adapter a folder of its own with it`,
  );
}
