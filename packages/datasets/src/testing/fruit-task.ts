import type { LabelledSet } from "@tandem/core/data";
import type { BackboneReference, EncoderReference, Task } from "@tandem/core/task";
import { u8 } from "@tandem/core/tensor";

/** Two classes that a colour tells apart. */
export const fruit: Task = {
  name: "Fruit",
  description: "Apples and pears.",
  classes: [
    { name: "apple", words: ["apple", "pippin"] },
    { name: "pear", words: ["pear"] },
  ],
  modalities: ["image", "text", "image-text"],
  pictures: { size: 16, colour: true, background: 255 },
  prompts: {
    kind: "words",
    attributes: [
      ["red", "green"],
      ["small", "big", "huge"],
    ],
  },
  publicLicence: "CC0-1.0",
  least: { participant: 10, class: 2 },
  organiser: { name: "Ada", contact: "ada@example.org" },
  teacher: { kind: "none" },
};

/** So many samples of each class in turn, in flat colours; every third without a caption. */
export function fruitSet(perClass: number, side: number = fruit.pictures.size): LabelledSet {
  const size = 2 * perClass;
  const labels = Int32Array.from({ length: size }, (_, row) => row % 2);
  const stride = side * side * 3;
  const has = labels.map((_, row) => Number(row % 3 !== 2));
  return {
    size,
    labels,
    images: u8(
      [size, side, side, 3],
      Uint8Array.from({ length: size * stride }, (_, i) => {
        const row = Math.floor(i / stride);
        return row % 2 === i % 3 ? 200 : 10 + row;
      }),
    ),
    captions: Array.from(has, (one, row) =>
      one ? `a ripe ${row % 2 === 0 ? "apple" : "pear"} ${row}` : "",
    ),
    ...(size > 2 && { present: { text: Uint8Array.from(has) } }),
  };
}

/** A backbone that such a task may name; nothing is at its address. */
export const backbone: BackboneReference = {
  url: "/backbones/small/model.json",
  sha256: "0a".repeat(32),
  normalisation: "0..1",
  size: 96,
  features: 1280,
};

/** An encoder that such a task may name; likewise. */
export const encoder: EncoderReference = {
  url: "/backbones/own/model.json",
  sha256: "0b".repeat(32),
  normalisation: "-1..1",
  size: 32,
  features: 64,
  parameters: 500_000,
};
