export type Lazy<T> = {
  /** Starts it on first use; after a failure the next use tries again. */
  get(): Promise<T>;
  /** What has been started, if anything. */
  started(): Promise<T | undefined>;
};

export function lazily<T>(start: () => Promise<T>): Lazy<T> {
  let pending: Promise<T> | undefined;
  return {
    get() {
      pending ??= start().catch((error: unknown) => {
        pending = undefined;
        throw error;
      });
      return pending;
    },
    started: async () => pending?.catch(() => undefined),
  };
}
