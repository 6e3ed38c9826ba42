import { TandemError } from "@tandem/core/errors";
import { formatDay } from "@tandem/core/format";
import type { Teacher } from "@tandem/core/teacher";
import type { SpendingView } from "@tandem/protocol/view";
import type { AccountStore } from "@tandem/storage/sql-accounts";
import type { Audit } from "../audit/audit";

/** What teachers cost, and how much of it a day may, unless an owner says otherwise. */
const kinds = {
  remote: { title: "Pictures of the remote teacher", perDay: 2000 },
  paintings: { title: "Prompts painted for participants", perDay: 500 },
  previews: { title: "Previews of what a teacher paints", perDay: 200 },
  trainings: { title: "Trainings of a base", perDay: 20 },
} as const;
export type SpendingKind = keyof typeof kinds;
export const isSpendingKind = (kind: string): kind is SpendingKind => Object.hasOwn(kinds, kind);

/** Counts what teachers cost against what a day may cost, and tells of what it refuses. Days are UTC's. */
export function createSpending(
  store: AccountStore["spending"],
  now: () => number,
  onRefused: (kind: SpendingKind, reason: string) => Promise<void> = async () => {},
) {
  const today = () => formatDay(now());
  const limitOf = async (kind: SpendingKind) =>
    (await store.limits()).get(kind) ?? kinds[kind].perDay;
  return {
    /** Throws `forbidden` where the day's budget does not have it. */
    async spend(kind: SpendingKind, count = 1): Promise<void> {
      const limit = await limitOf(kind);
      if (await store.take(today(), kind, count, limit)) return;
      const left = Math.max(0, limit - ((await store.of(today())).get(kind) ?? 0));
      const reason = `${kinds[kind].title}: the server may spend ${limit} a day, ${left} are left and ${count} were asked for. Wait until midnight UTC, or ask an owner for more.`;
      await onRefused(kind, reason);
      throw new TandemError("forbidden", reason);
    },
    async view(): Promise<readonly SpendingView[]> {
      const [spent, limits] = [await store.of(today()), await store.limits()];
      return (Object.keys(kinds) as SpendingKind[]).map((kind) => {
        const { title, perDay } = kinds[kind];
        return { kind, title, spent: spent.get(kind) ?? 0, perDay: limits.get(kind) ?? perDay };
      });
    },
    limit: (kind: SpendingKind, perDay: number): Promise<void> => store.limit(kind, perDay),
  };
}

/** Tells the audit log. */
export const refusedIn =
  ({ record }: Pick<Audit, "record">) =>
  (thing: SpendingKind, reason: string): Promise<void> =>
    record({ by: "server", action: "teacher.spend", thing, outcome: "refused", reason });

/** A teacher that is asked for no picture that the day's budget does not have. */
export const paidFrom = (teacher: Teacher, { spend }: Pick<Spending, "spend">): Teacher => ({
  ...teacher,
  async generate(request, options) {
    await spend("remote", request.prompts.length);
    return teacher.generate(request, options);
  },
});

export type Spending = ReturnType<typeof createSpending>;
