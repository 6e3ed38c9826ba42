/** Works through `jobs` in order, `parallel` at a time; takes no further one once aborted. */
export async function inParallel<Job>(
  jobs: readonly Job[],
  options: { readonly parallel: number; readonly signal: AbortSignal },
  work: (job: Job) => Promise<void>,
): Promise<void> {
  const waiting = jobs.values();
  const lane = async () => {
    for (const job of waiting) {
      if (options.signal.aborted) return;
      await work(job);
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, lane));
}
