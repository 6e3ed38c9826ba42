import { useEffect, useState } from "react";

/** Keeps the screen on while `active` and the page is in front; whether it does now. */
export function useWakeLock(active: boolean): boolean {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!active || !("wakeLock" in navigator)) return;
    let ended = false;
    let lock: WakeLockSentinel | undefined;
    const ask = async () => {
      if (document.visibilityState !== "visible") return;
      try {
        const own = await navigator.wakeLock.request("screen");
        if (ended) return void own.release();
        lock = own;
        setHeld(true);
        own.addEventListener("release", () => setHeld(false)); // a hidden page loses it
      } catch {
        setHeld(false); // low battery, or not allowed: the screen goes off as it always does
      }
    };
    void ask();
    document.addEventListener("visibilitychange", ask);
    return () => {
      ended = true;
      document.removeEventListener("visibilitychange", ask);
      void lock?.release();
      setHeld(false);
    };
  }, [active]);
  return held;
}
