import type { ClientChannel } from "@tandem/core/channel";
import type { TandemContract } from "@tandem/protocol/events";
import { connectSocket } from "@tandem/transport/socket-client";

/** A connection to the server that this page came from. */
export const openChannel = (): ClientChannel<TandemContract> =>
  connectSocket({ url: window.location.origin });
