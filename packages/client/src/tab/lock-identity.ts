import type { ClaimIdentity } from "../identity";

/** What of the browser's `LockManager` is used. */
export type Locks = {
  request(
    name: string,
    options: { readonly ifAvailable?: boolean; readonly signal?: AbortSignal },
    callback: (lock: unknown) => Promise<void> | undefined,
  ): Promise<unknown>;
};

/** Identities as Web Locks: the browser frees one however its tab ends. */
export function identitiesByLock(locks: Locks, patienceMs = 3000): ClaimIdentity {
  return async ({ experiment, preferred }) => {
    const hold = async (index: number, options: Parameters<Locks["request"]>[1]) => {
      const release = await holdLock(locks, `tandem/${experiment}/${index}`, options);
      return release && { index, release };
    };
    if (preferred !== undefined) {
      const own = await hold(preferred, { signal: AbortSignal.timeout(patienceMs) });
      if (own) return own;
    }
    for (let index = 0; ; index++) {
      const free = await hold(index, { ifAvailable: true });
      if (free) return free;
    }
  };
}

/** Resolves to the lock's release, or to undefined when it cannot be had. */
function holdLock(
  locks: Locks,
  name: string,
  options: Parameters<Locks["request"]>[1],
): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    locks
      .request(name, options, (lock) => {
        if (lock) return new Promise<void>((release) => resolve(release));
        resolve(undefined);
      })
      .catch((error) => (options.signal?.aborted ? resolve(undefined) : reject(error)));
  });
}
