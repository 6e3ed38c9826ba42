/** Parts of the judge, such as one vendor's style, that clients hold where they do not hold all. */
const held: Readonly<Record<string, readonly string[]>> = {
  "emoji-domain": ["openmoji"],
  "emoji-domain-twemoji": ["twemoji"],
  "fm-cap-domain": ["negative"],
  "fm-cap-domains": ["negative", "turned"],
};

/** Undefined where the clients hold all parts, or there are none. */
export const partsOfClients = (dataset: string): readonly string[] | undefined =>
  Object.hasOwn(held, dataset) ? held[dataset] : undefined;

/**
 * Share of pictures that are of the clients' parts, 0-1, of the shares that metrics name by part below
 * `prefix`; undefined where these were not measured.
 */
export function clientPartsShare(
  dataset: string,
  metrics: Readonly<Record<string, number>>,
  prefix: "teacher/part/" | "teacher/basePart/" | "teacher/realPart/",
): number | undefined {
  const shares = (partsOfClients(dataset) ?? []).flatMap(
    (part) => metrics[`${prefix}${part}`] ?? [],
  );
  return shares.length > 0 ? shares.reduce((sum, share) => sum + share) : undefined;
}
