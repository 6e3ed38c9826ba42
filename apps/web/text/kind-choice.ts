/** The words of the choice of a place, where data are dealt. */
export const text = {
  label: "Train on",
  kinds: { any: "Any", image: "Pictures", text: "Captions", "image-text": "Both" },
  free: (places: number) => `${places} free`,
  taken: "taken",
} as const;
