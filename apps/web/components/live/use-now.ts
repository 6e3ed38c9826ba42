"use client";

import { useEffect, useState } from "react";

/** The time, once a second while `ticking`. `start` is what the server draws with. */
export function useNow(start: number, ticking: boolean): number {
  const [now, setNow] = useState(start);
  useEffect(() => {
    if (!ticking) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}
