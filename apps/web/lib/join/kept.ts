/** Strings of this site in the browser, by key; where the browser denies that, as long as the page lives. */
export type Kept = {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(): readonly string[];
};

export function keptIn(open: () => Storage): Kept {
  const memory = new Map<string, string>();
  /** What is denied is kept in memory. */
  const attempt = <T>(work: (area: Storage) => T, otherwise: () => T): T => {
    try {
      return work(open());
    } catch {
      return otherwise();
    }
  };
  return {
    get: (key) =>
      attempt(
        (area) => area.getItem(key) ?? memory.get(key),
        () => memory.get(key),
      ),
    set: (key, value) =>
      attempt(
        (area) => area.setItem(key, value),
        () => void memory.set(key, value),
      ),
    remove(key) {
      memory.delete(key);
      attempt(
        (area) => area.removeItem(key),
        () => {},
      );
    },
    keys: () =>
      attempt(
        (area) => [...new Set([...Object.keys(area), ...memory.keys()])],
        () => [...memory.keys()],
      ),
  };
}
