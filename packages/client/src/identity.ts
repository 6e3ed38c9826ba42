/** One of the clients that the tabs of a browser profile are, until it is released. */
export type Identity = { readonly index: number; readonly release: () => void };

/** Two sessions over one store never hold the same identity in an experiment. */
export type ClaimIdentity = (options: {
  readonly experiment: string;
  /** Held before, and perhaps still for a moment by the page that is being reloaded. */
  readonly preferred?: number | undefined;
}) => Promise<Identity>;

/** For a session that is alone with its store. */
export const soleIdentity: ClaimIdentity = async () => ({ index: 0, release: () => {} });
