"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Draws the server's page again now and then while somebody looks at it. */
export function Refresh({ everyMs }: { readonly everyMs: number }) {
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") router.refresh();
    }, everyMs);
    return () => clearInterval(timer);
  }, [router, everyMs]);
  return null;
}
