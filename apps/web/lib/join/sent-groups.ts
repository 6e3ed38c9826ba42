import type { Sent } from "@tandem/client/messages";

/** Messages of one kind that follow one another. */
export type SentGroup = {
  readonly title: string;
  readonly bytes: number;
  readonly sent: readonly Sent[];
};

const said: Readonly<Record<string, (body: { readonly round?: number }) => string>> = {
  challenge: () => "Asked what to sign with its key, to prove who it is",
  join: () => "Asked to take part",
  ready: () => "Said that it is ready, and how many samples it has",
  progress: ({ round }) => `Said how far it is with round ${round}`,
  upload: ({ round }) => `Handed in its answer to round ${round}, and its accuracy`,
  fail: ({ round }) => `Said why round ${round} failed here`,
  leave: () => "Left",
  erase: () => "Asked to have everything that it sent erased",
  watch: () => "Asked for news of an experiment",
  put: () => "Sent an answer’s bytes",
  get: () => "Asked for pages and files",
};

function titleOf({ what, text }: Sent): string {
  const [event, body] = text.startsWith("[") ? JSON.parse(text) : [];
  if (what === "post")
    return event.endsWith("/paintings") ? "Asked the teacher" : `Sent a form to ${event}`;
  return said[what]?.(body ?? {}) ?? `Sent “${what}”`;
}

/** The newest first. */
export function sentGroups(entries: readonly Sent[]): readonly SentGroup[] {
  const groups: { title: string; bytes: number; sent: Sent[] }[] = [];
  for (const sent of entries) {
    const title = titleOf(sent);
    let group = groups.at(-1);
    if (group?.title !== title) {
      group = { title, bytes: 0, sent: [] };
      groups.push(group);
    }
    group.bytes += sent.bytes;
    group.sent.push(sent);
  }
  return groups.reverse();
}
