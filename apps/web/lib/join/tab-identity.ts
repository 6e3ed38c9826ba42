import { keptIn } from "./kept";

// Which of the browser's clients this tab is: kept over a reload, but not shared with other tabs.
const kept = keptIn(() => window.sessionStorage);
const key = (experiment: string) => `tandem/identity/${experiment}`;

export function rememberedIdentity(experiment: string): number | undefined {
  const index = Number(kept.get(key(experiment)) ?? Number.NaN);
  return Number.isInteger(index) && index >= 0 ? index : undefined;
}

export const rememberIdentity = (experiment: string, index: number): void =>
  kept.set(key(experiment), String(index));
