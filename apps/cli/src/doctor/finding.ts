/** What one check has found; `todo` is what mends it. */
export type Finding = {
  readonly what: string;
  /** `note`: it works, and somebody should know. */
  readonly level: "ok" | "note" | "bad";
  readonly text: string;
  readonly todo?: string;
};

export const ok = (what: string, text: string): Finding => ({ what, level: "ok", text });
export const note = (what: string, text: string, todo: string): Finding => ({
  what,
  level: "note",
  text,
  todo,
});
export const bad = (what: string, text: string, todo: string): Finding => ({
  what,
  level: "bad",
  text,
  todo,
});
