import { serverAddress } from "@tandem/client/tab/server-address";
import { startBrowserEngine } from "@tandem/engine/browser";

/** tfjs in this worker, on the best backend that it has. */
export async function startEngine(): Promise<void> {
  const { gpu } = navigator as { gpu?: Parameters<typeof startBrowserEngine>[0]["gpu"] };
  await startBrowserEngine({ wasmPath: `${serverAddress()}/tfjs/`, gpu });
}
