/** Every word of the manual's pages that is not the manual's own. */
export const text = {
  title: "Docs",
  intro: "How to start, take part, run a study and look after a server.",
  all: "All pages",
  onThisPage: "On this page",
  contents: "Contents",
  previous: "Previous",
  next: "Next",
  neighbours: "Pages before and after",
  copy: "Copy",
  copied: "Copied",
  search: {
    label: "Search the docs",
    key: "/",
    page: "Search",
    none: (query: string) => `Nothing has “${query}”. Try fewer or other words.`,
    lacks: (words: readonly string[]) => `Without: ${words.join(", ")}`,
    found: (n: number) => (n === 1 ? "1 result" : `${n} results`),
    failed: "The search does not answer. Check that the server runs, then type again.",
  },
  about: (what: string) => `About ${what} in the docs`,
} as const;
