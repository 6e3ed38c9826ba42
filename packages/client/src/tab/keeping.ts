import { messageOf } from "@tandem/core/errors";
import type { ClientStore } from "@tandem/core/stores";
import { type ClaimIdentity, soleIdentity } from "../identity";
import { identitiesByLock, type Locks } from "./lock-identity";
import { storeWithOverflow } from "./store-with-overflow";

export type Keeping = { readonly store: ClientStore; readonly claimIdentity: ClaimIdentity };

/** Where a tab keeps its records, and which of the browser's clients it is: in memory, alone, where the browser denies it either. */
export async function openKeeping(options: {
  readonly openStore: () => Promise<ClientStore>;
  readonly memory: ClientStore;
  readonly locks: Locks & { query(): Promise<unknown> };
  readonly notice: (text: string) => void;
}): Promise<Keeping> {
  const { openStore, memory, locks, notice } = options;
  try {
    const inner = await openStore();
    await locks.query(); // what is denied is denied here
    const store = storeWithOverflow(inner, memory, () =>
      notice(
        "This browser has no room left: what this tab learns from now on is lost when it closes.",
      ),
    );
    return { store, claimIdentity: identitiesByLock(locks) };
  } catch (error) {
    notice(
      `This browser keeps nothing for this page, as in a private window (${messageOf(error)}). This tab takes part all the same; what it learns is lost when it closes.`,
    );
    return { store: memory, claimIdentity: soleIdentity };
  }
}
