import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readModelSize } from "@tandem/diffusion/diffusion-model";
import type { TeachersView } from "@tandem/protocol/view";
import { type Environment, remotePainter } from "./remote";

export const shippedFolder = "public/teacher";

/** In plain words, for who chooses one. */
export const baseTexts: Readonly<
  Record<string, { readonly title: string; readonly description: string }>
> = {
  clipart: {
    title: "Clip art",
    description: "Public-domain clip art of 64 things, asked for by their noun.",
  },
  "emoji-domain": {
    title: "Emoji, mostly Noto's",
    description: "Emoji by caption, half of them in Noto's style. Many are not recognisable yet.",
  },
  "emoji-style": {
    title: "Emoji in four styles",
    description: "Emoji by caption, as Noto, Twemoji, Fluent and OpenMoji draw them.",
  },
  "fm-cap-domain": {
    title: "Clothes in three looks",
    description: "Grey clothes, plain, in negative or turned; it favours the plain ones.",
  },
  fmnist: {
    title: "Clothes, one caption in four wrong",
    description: "Grey clothes, learned from captions of which a quarter named the wrong class.",
  },
  "fmnist-noise-40": {
    title: "Clothes, two captions in five wrong",
    description: "The same, where 40 % of the captions named the wrong class.",
  },
};

/** The bases of `public/teacher`, and whether the environment names an images API. */
export async function teachersOf(environment: Environment): Promise<TeachersView> {
  const names = (await readdir(shippedFolder)).sort();
  const shipped = await Promise.all(
    names.map(async (name) => {
      const { title = name, description = "" } = baseTexts[name] ?? {};
      const [height, width] = await readModelSize(join(shippedFolder, name));
      return { name, title, description, size: [height, width] as const };
    }),
  );
  return { shipped, remote: remotePainter(environment, 32) !== undefined };
}
