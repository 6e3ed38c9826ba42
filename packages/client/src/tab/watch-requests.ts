import type { Outgoing } from "@tandem/core/channel";

/** Told of every address that this page or worker asks for, from its first on. What polling sends is not told. */
export function watchRequests(onSent: (sent: Outgoing) => void): void {
  const observer = new PerformanceObserver((list) => {
    for (const { name } of list.getEntries())
      if (!name.includes("/socket.io/")) onSent({ what: "get", text: name, bytes: 0 });
  });
  observer.observe({ type: "resource", buffered: true });
}
