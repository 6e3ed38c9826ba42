"use client";

import { useEffect, useState } from "react";
import { pictureAt } from "../base-path";

const loading = new Map<string, Promise<unknown>>();

/** Fetches it once for all who show it; what has failed is tried again the next time. */
function load(address: string): Promise<unknown> {
  const found = loading.get(address);
  if (found) return found;
  const image = new Image();
  image.src = pictureAt(address);
  const loaded = image.decode();
  loading.set(address, loaded);
  loaded.catch(() => loading.delete(address));
  return loaded;
}

export type SheetState = "waiting" | "ready" | "failed";

/** How far the sheet at an address is, which is fetched once it is wanted. */
export function useSheet(address: string, isWanted: boolean): SheetState {
  const [settled, setSettled] = useState<{
    readonly address: string;
    readonly state: SheetState;
  }>();
  useEffect(() => {
    if (!isWanted) return;
    let isOver = false;
    const settle = (state: SheetState) => !isOver && setSettled({ address, state });
    load(address).then(
      () => settle("ready"),
      () => settle("failed"),
    );
    return () => {
      isOver = true;
    };
  }, [address, isWanted]);
  return settled?.address === address ? settled.state : "waiting";
}
