// Which of the browser's clients this tab is: kept over a reload, but not shared with other tabs.
const key = (experiment: string) => `tandem/identity/${experiment}`;

export function rememberedIdentity(experiment: string): number | undefined {
  const text = sessionStorage.getItem(key(experiment));
  const index = text === null ? Number.NaN : Number(text);
  return Number.isInteger(index) && index >= 0 ? index : undefined;
}

export const rememberIdentity = (experiment: string, index: number): void =>
  sessionStorage.setItem(key(experiment), String(index));
