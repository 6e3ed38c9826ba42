import type { Admission } from "@tandem/core/experiment";
import { useEffect, useState } from "react";
import { keptIn } from "../../lib/join/kept";

// For this tab: the address changes as somebody uses the page.
const kept = keptIn(() => window.sessionStorage);
const keyOf = (experiment: string) => `tandem/invitation/${experiment}`;

/** What the link of an invitation had behind the hash, which no server is sent with an address. */
export function heldInvitation(experiment: string): { readonly invitation?: string } {
  const invitation = kept.get(keyOf(experiment));
  return { ...(invitation && { invitation }) };
}

/** Whether whoever looks at the page may join, as far as this tab can tell; undefined until it can. */
export function useInvitation(experiment: string, admission: Admission): boolean | undefined {
  const [isHeld, setIsHeld] = useState<boolean>();
  useEffect(() => {
    const look = () => {
      const given = location.hash.slice(1);
      if (/^[\w-]{16,128}$/.test(given)) kept.set(keyOf(experiment), given);
      setIsHeld(heldInvitation(experiment).invitation !== undefined);
    };
    look();
    window.addEventListener("hashchange", look);
    return () => window.removeEventListener("hashchange", look);
  }, [experiment]);
  return admission !== "invitation" || isHeld;
}
