import type { ClientState } from "@tandem/client/messages";
import { isOver } from "../../lib/join/phases";

const looks = {
  online: { text: "Connected", tone: "bg-good" },
  offline: { text: "Offline: trying to reconnect", tone: "bg-bad" },
  connecting: { text: "Connecting", tone: "bg-line-strong" },
} as const;

export function ConnectionState({ state }: { readonly state: ClientState }) {
  const { text, tone } =
    isOver(state) || state.phase === "paused"
      ? { text: state.phase === "paused" ? "Paused" : "Connection closed", tone: "bg-line-strong" }
      : looks[state.connection];
  return (
    <span role="status" className="inline-flex items-center gap-2">
      <span aria-hidden="true" className={`size-2 shrink-0 rounded-full ${tone}`} />
      {text}
    </span>
  );
}
