import type { Member } from "./member";

/** Where a session is. */
export type Phase =
  /** `isLast`: the experiment has ended meanwhile. Its history is shown, then the session is over. */
  | { readonly type: "entering"; readonly isLast: boolean }
  | { readonly type: "member"; readonly member: Member; readonly token: string }
  | { readonly type: "over"; readonly how: Ending };

export type Ending = "finished" | "left" | "failed" | "removed";

/** What the parts of a session share. */
export type SessionState = {
  phase: Phase;
  online: boolean;
  /** So many so far, to know one from the next. */
  connections: number;
  /** Samples a second of the last training. */
  speed?: number;
};

export const isOver = ({ phase }: SessionState): boolean => phase.type === "over";
