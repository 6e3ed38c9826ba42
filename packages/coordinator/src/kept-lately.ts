/**
 * Keeps what has been made, by name, up to `room` together as `sizeOf` counts it; what has gone unused for
 * longest goes first, and the latest always stays. What is being made is made once; what fails is forgotten.
 */
export function keptLately<T>(room: number, sizeOf: (value: T) => number) {
  const kept = new Map<string, { readonly value: Promise<T>; size: number }>();

  function makeRoom(): void {
    let used = [...kept.values()].reduce((sum, { size }) => sum + size, 0);
    for (const [key, { size }] of kept) {
      if (used <= room || kept.size === 1) return;
      kept.delete(key);
      used -= size;
    }
  }

  return (key: string, make: () => Promise<T>): Promise<T> => {
    const found = kept.get(key);
    const entry = found ?? { value: make(), size: 0 };
    kept.delete(key);
    kept.set(key, entry);
    if (!found)
      entry.value.then(
        (value) => {
          entry.size = sizeOf(value);
          makeRoom();
        },
        () => {
          if (kept.get(key) === entry) kept.delete(key);
        },
      );
    return entry.value;
  };
}
