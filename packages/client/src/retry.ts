/** Tries again after a growing pause while the error is worth it: 4 times within some 7 s. */
export async function retry<T>(
  work: () => Promise<T>,
  isWorthIt: (error: unknown) => boolean,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 4 || !isWorthIt(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
      if (!isWorthIt(error)) throw error;
    }
  }
}
