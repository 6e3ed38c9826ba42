import type { ClientState } from "@tandem/client/messages";
import { isOver } from "../../lib/join/phases";
import { text } from "../../text/taking-part";

const looks = {
  online: { text: text.connection.online, tone: "bg-good" },
  offline: { text: text.connection.offline, tone: "bg-bad" },
  connecting: { text: text.connection.connecting, tone: "bg-line-strong" },
} as const;

export function ConnectionState({ state }: { readonly state: ClientState }) {
  const { text: said, tone } =
    isOver(state) || state.phase === "paused"
      ? {
          text: state.phase === "paused" ? text.connection.paused : text.connection.closed,
          tone: "bg-line-strong",
        }
      : looks[state.connection];
  return (
    <span role="status" className="inline-flex items-center gap-2">
      <span aria-hidden="true" className={`size-2 shrink-0 rounded-full ${tone}`} />
      {said}
    </span>
  );
}
