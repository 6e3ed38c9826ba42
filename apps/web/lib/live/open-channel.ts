import type { TandemChannel } from "@tandem/protocol/events";
import { connectSocket } from "@tandem/transport/socket-client";
import { basePath } from "../base-path";
import { ledger } from "../join/ledger";

/** A connection to the server that this page came from. */
export const openChannel = (): TandemChannel =>
  connectSocket({ url: window.location.origin + basePath, onSent: ledger.note });
