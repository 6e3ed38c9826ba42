/** The manual's pages in their order, by their files below `docs/` without the ending. */
export const contents: readonly { readonly title: string; readonly files: readonly string[] }[] = [
  { title: "Start", files: ["quick-start", "join", "study", "concepts"] },
  {
    title: "Work with it",
    files: ["settings", "tasks", "datasets", "backbones", "strategy", "sdk"],
  },
  { title: "Run a server", files: ["deploy", "security", "reliability", "scale"] },
  { title: "Reference", files: ["cli", "rest", "algorithm", "architecture", "bench"] },
  {
    title: "Results",
    files: [
      "results/README",
      "results/fm-cap-domain",
      "results/no-harm",
      "results/fm-cap-strategies",
      "results/fm-cap-noise",
      "results/fm-cap-ablations",
      "results/fm-cap-teacher",
      "results/fm-cap-bytes",
      "results/fm-cap-items",
      "results/fm-cap-alpha",
      "results/fm-cap-missing",
      "results/fm-cap-dropout",
      "results/fm-cap-byzantine",
      "results/emoji-strategies",
      "results/emoji-style",
      "results/history",
    ],
  },
];

/** What lists call pages whose own title is the name of an experiment's file. */
export const listTitles: Readonly<Record<string, string>> = {
  "results/fm-cap-domain": "FM-Cap in negatives",
  "results/no-harm": "Critics without a gap",
  "results/fm-cap-strategies": "Strategies on FM-Cap",
  "results/fm-cap-noise": "Noisy captions",
  "results/fm-cap-ablations": "Ablations",
  "results/fm-cap-teacher": "What the teacher learns",
  "results/fm-cap-bytes": "Bytes",
  "results/fm-cap-items": "Items in a set",
  "results/fm-cap-alpha": "Label skew",
  "results/fm-cap-missing": "Missing modalities",
  "results/fm-cap-dropout": "Clients that drop out",
  "results/fm-cap-byzantine": "Clients that lie",
  "results/emoji-strategies": "Strategies on emoji",
};

/** Of a file below `docs/`: `results/README` is the page `results`. */
export const slugOf = (file: string): string => file.replace(/(^|\/)README$/, "");
