import { concatenate, type LabelledSet, subset } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { inParts } from "../balanced";
import type { Dataset } from "../dataset";
import { type FmCap, loadFmCap } from "./fm-cap";
import { fmCapDataset } from "./fm-cap-dataset";

/** How a picture is shown: as it is, black for white, or a quarter turn clockwise. */
export const domains = ["plain", "negative", "turned"] as const;
export type Domain = (typeof domains)[number];

/**
 * FM-Cap where all that the clients hold and are tested on is negatives. Of the server's pictures a sixth
 * is, and a sixth is turned; no caption says which.
 */
export const fmCapDomain = () => fmCapIn(["negative"]);

/** The same, where half of the clients hold negatives and half turned ones. */
export const fmCapDomains = () => fmCapIn(["negative", "turned"]);

async function fmCapIn(own: readonly Domain[]): Promise<Dataset> {
  const data = await loadFmCapDomains();
  const base = fmCapDataset(data, 30, "public/teacher/fm-cap-domain");
  const ofOwn = (set: LabelledSet) => {
    const domainOf = (row: number) => own[row % own.length];
    return inParts(shownAs(set, domainOf), domainOf);
  };
  return {
    ...base,
    judge: {
      weights: "public/evaluators/fm-cap-domain.safetensors",
      trainedOn: concatenate(
        domains.map((domain) =>
          inParts(
            shownAs(data.evaluation, () => domain),
            () => domain,
          ),
        ),
      ),
      reference: ofOwn(data.reference),
      parts: { names: domains, weights: "public/evaluators/fm-cap-domain-parts.safetensors" },
    },
    deal(options) {
      const { pools, test } = base.deal(options);
      const [{ set }] = pools;
      const share = (turn: number) =>
        subset(
          set,
          Int32Array.from(set.labels.keys()).filter((row) => row % own.length === turn),
        );
      return {
        pools: own.map((domain, turn) => ({
          source: domain,
          set: shownAs(share(turn), () => domain),
        })),
        test: ofOwn(test),
      };
    },
  };
}

/** FM-Cap with the server's 3,000 pictures in their domains, as the base was trained on them. */
export async function loadFmCapDomains(): Promise<FmCap> {
  const data = await loadFmCap({ size: 16 });
  const draw = createRng("fm-cap-domain/public");
  const drawn = Array.from({ length: data.public.size }, (): Domain => {
    const share = draw.uniform() * 6;
    return share < 1 ? "negative" : share < 2 ? "turned" : "plain";
  });
  return { ...data, public: shownAs(data.public, (row) => drawn[row]) };
}

/** Pictures (N, h, h, 3), each in its domain. */
export function shownAs(set: LabelledSet, domainOf: (row: number) => Domain): LabelledSet {
  const { images } = set;
  if (!images) throw new Error("a domain shows pictures");
  const [, side, , channels] = images.shape;
  const stride = side * side * channels;
  const data = new Uint8Array(images.data.length);
  for (let row = 0; row < set.size; row++) {
    const picture = images.data.subarray(row * stride, (row + 1) * stride);
    data.set(showings[domainOf(row)](picture, side, channels), row * stride);
  }
  return { ...set, images: { ...images, data } };
}

type Showing = (picture: Uint8Array, side: number, channels: number) => Uint8Array;
const showings: Readonly<Record<Domain, Showing>> = {
  plain: (picture) => picture,
  negative: (picture) => picture.map((value) => 255 - value),
  turned: (picture, side, channels) =>
    picture.map((_, at) => {
      const [pixel, channel] = [Math.floor(at / channels), at % channels];
      const [y, x] = [Math.floor(pixel / side), pixel % side];
      return picture[((side - 1 - x) * side + y) * channels + channel];
    }),
};
