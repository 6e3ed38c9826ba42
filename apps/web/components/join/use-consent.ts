import type { ConsentView } from "@tandem/protocol/view";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { agreed, type ConsentChange, changesOf } from "../../lib/join/consent";

/**
 * What a participant agrees to: `drawn` is on the page, `latest` is what the server asks now. Where they
 * differ the page is drawn again. `changes`: since it was agreed to in this browser, or seen on this page.
 */
export function useConsent(experiment: string, drawn: ConsentView, latest: ConsentView) {
  const router = useRouter();
  const [before, setBefore] = useState(drawn);
  useEffect(() => setBefore((seen) => agreed.of(experiment) ?? seen), [experiment]);
  const isOld = drawn.hash !== latest.hash;
  useEffect(() => {
    if (isOld) router.refresh();
  }, [router, isOld]);
  const changes: readonly ConsentChange[] =
    before.hash === drawn.hash ? [] : changesOf(before, drawn);
  return {
    changes,
    /** Whether it has not been agreed to as it is now. */
    isChanged: () => (agreed.of(experiment) ?? drawn).hash !== drawn.hash,
    /** Agrees to what is drawn; returns its hash. */
    agree(): string {
      agreed.remember(experiment, drawn);
      setBefore(drawn);
      return drawn.hash;
    },
  };
}
