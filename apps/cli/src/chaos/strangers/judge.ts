/** What strangers of one kind have tried, and what has become of it. */
export type Tally = {
  tried: number;
  /** By the code or status of the refusal, or what has held them off otherwise. */
  readonly refused: Record<string, number>;
  /** What anybody may do. */
  allowed: number;
  /** Cut off, or nobody was there to answer. */
  unanswered: number;
  /** What they should not have had. */
  through: number;
  /** The first of them, in words. */
  readonly how: string[];
};

/** Of a socket or of HTTP; `code`: of the refusal, or the status. */
export type Answer = {
  readonly isTaken: boolean;
  readonly code: string;
  readonly text: string;
};

export const emptyTally = (): Tally => ({
  tried: 0,
  refused: {},
  allowed: 0,
  unanswered: 0,
  through: 0,
  how: [],
});

const mostTold = 5;

export type Judge = ReturnType<typeof createJudge>;

/** Counts what becomes of what strangers of a kind do. `secrets`: what no answer may hold. */
export function createJudge(tally: Tally, secrets: readonly string[]) {
  const through = (what: string) => {
    tally.through++;
    if (tally.how.length < mostTold) tally.how.push(what.slice(0, 300));
  };
  const held = (how: string) => {
    tally.refused[how] = (tally.refused[how] ?? 0) + 1;
  };
  /** Whether there is an answer that says neither that the server broke nor what is nobody's business. */
  const isSound = (what: string, answer: Answer | undefined): answer is Answer => {
    tally.tried++;
    if (!answer) {
      tally.unanswered++;
      return false;
    }
    const told = secrets.find((secret) => answer.text.includes(secret)) ?? traceIn(answer.text);
    if (told !== undefined) through(`${what}: the answer tells ${told}`);
    else if (hasBroken(answer)) through(`${what}: the server broke: ${answer.text}`);
    else return true;
    return false;
  };
  return {
    /** Must be refused. */
    refused(what: string, answer: Answer | undefined): void {
      if (!isSound(what, answer)) return;
      if (answer.isTaken) through(`${what}: ${answer.code}, ${answer.text}`);
      else held(answer.code);
    },
    /** May be refused or not. */
    allowed(what: string, answer: Answer | undefined): void {
      if (!isSound(what, answer)) return;
      if (answer.isTaken) tally.allowed++;
      else held(answer.code);
    },
    /** Something that is no answer: whether it has `happened`, which it must not. */
    never(what: string, happened: boolean, how = "held"): void {
      tally.tried++;
      if (happened) through(what);
      else held(how);
    },
  };
}

/** A frame of a stack, or a module's place. */
const traceIn = (text: string): string | undefined =>
  /\n\s+at .*:\d+:\d+|node_modules\//.exec(text)?.[0].trim();

/** 503 and 504 are meant; so is that a session closes, or that too many wait. */
function hasBroken({ code, text }: Answer): boolean {
  if (/^\d+$/.test(code)) return code === "500" || code === "502";
  return code === "internal" || (code === "unavailable" && !/clos(ed|ing)|left|wait/.test(text));
}
