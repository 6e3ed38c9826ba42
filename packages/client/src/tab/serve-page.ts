import { codeOf, messageOf, TandemError, unreachable } from "@tandem/core/errors";
import type { ClientState, JoinOptions, PageToWorker } from "../messages";
import type { Session } from "../session";

/** Does what the page asks, in its order; whatever goes wrong becomes the page's state. */
export function servePage(options: {
  readonly join: (options: JoinOptions) => Promise<Session>;
  readonly forget: (client: {
    readonly experiment: string;
    readonly identity: number;
  }) => Promise<void>;
  readonly erase: (from: { readonly url: string; readonly experiment: string }) => Promise<void>;
  readonly update: (change: Partial<ClientState>) => void;
}): (message: PageToWorker) => Promise<void> {
  let session: Promise<Session> | undefined;

  async function serve(message: PageToWorker): Promise<void> {
    switch (message.type) {
      case "join":
        if (session)
          throw new TandemError("conflict", "This worker has joined already: start another one.");
        session = options.join(message.options);
        await session;
        break;
      case "leave":
        await (await session)?.leave(message);
        break;
      case "forget":
        await options.forget(message);
        break;
      case "erase":
        await options.erase(message);
        break;
      default:
        unreachable(message);
    }
  }

  return async (message) => {
    try {
      await serve(message);
    } catch (error) {
      const code = codeOf(error) ?? "unavailable";
      options.update({ phase: "failed", error: { code, message: messageOf(error) } });
    }
  };
}
