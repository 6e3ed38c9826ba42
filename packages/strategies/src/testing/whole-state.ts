import type { Payload } from "@tandem/core/payload";
import { f32, type TensorData, u8 } from "@tandem/core/tensor";

/**
 * A state of FedMMKT that has all that its round would hold: zeros for what a test does not care
 * about, of one pixel and as many numbers as the rows that are there have.
 */
export function wholeState({ arrays, meta }: Payload): Payload {
  const [items, classes] = [(meta.labels as readonly number[]).length, meta.classes as number];
  const described = arrays["g/image"] ?? arrays["knowledge/image"];
  const width = described?.shape[1] ?? 1;
  const has = (prefix: string) => Object.keys(arrays).some((name) => name.startsWith(prefix));
  const zeros = (...shape: readonly [number, number?]) =>
    f32(shape as readonly number[], new Float32Array(shape[0] * (shape[1] ?? 1)));
  const filling: Record<string, TensorData> = {
    images: u8([items, 1, 1, 3], new Uint8Array(3 * items)),
    "g/image": zeros(items, width),
    "g/text": zeros(items, width),
    "g/seen": zeros(items, classes),
  };
  if (has("knowledge/"))
    Object.assign(filling, {
      "knowledge/target": zeros(items, classes),
      "knowledge/confidence": zeros(items),
      "knowledge/accepted": u8([items], new Uint8Array(items)),
      "knowledge/image": zeros(items, width),
      "knowledge/text": zeros(items, width),
    });
  if (has("verdict/")) filling["verdict/seen"] = zeros(items, classes);
  return { arrays: { ...filling, ...arrays }, meta };
}
