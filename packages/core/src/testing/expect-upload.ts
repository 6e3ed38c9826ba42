import type { Payload } from "../payload";
import type { ClientInfo, ServerHalf } from "../strategy";
import { expectOutline } from "../upload-outline";

/** Throws `bad-upload` unless the strategy takes the upload. */
export function expectUpload(
  server: ServerHalf,
  state: Payload,
  client: ClientInfo,
  update: Payload,
): void {
  expectOutline(server.outline(state, client), update);
  server.check(client, update);
}
