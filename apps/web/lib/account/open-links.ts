import { useEffect } from "react";

const changes = new EventTarget();

/** Tells the list of open links, wherever it stands on the page, that there is another. */
export const linksHaveChanged = (): void => void changes.dispatchEvent(new Event("change"));

/** Calls back whenever somebody says so; `look` must be stable. */
export function useLinkChanges(look: () => void): void {
  useEffect(() => {
    changes.addEventListener("change", look);
    return () => changes.removeEventListener("change", look);
  }, [look]);
}
