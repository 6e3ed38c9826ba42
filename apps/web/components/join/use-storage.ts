import { useEffect, useState } from "react";

export type Storage = {
  /** Bytes of this site in this browser, and what it may have. */
  readonly usage: number;
  readonly quota: number;
  /** The browser does not clear it by itself when the disk is full. */
  readonly persisted: boolean;
};

/** Asks the browser to keep the site's records once `active`, and looks again every 10 s. */
export function useStorage(active: boolean): Storage | undefined {
  const [storage, setStorage] = useState<Storage>();
  useEffect(() => {
    const manager: StorageManager | undefined = navigator.storage; // absent without https
    if (!active || !manager) return;
    let ended = false;
    const look = async () => {
      const { usage = 0, quota = 0 } = await manager.estimate();
      const persisted = await manager.persisted();
      if (!ended) setStorage({ usage, quota, persisted });
    };
    const lookQuietly = () => void look().catch(() => {}); // a number to read, nothing more
    manager.persist().then(lookQuietly, lookQuietly);
    const timer = setInterval(lookQuietly, 10_000);
    return () => {
      ended = true;
      clearInterval(timer);
    };
  }, [active]);
  return storage;
}
