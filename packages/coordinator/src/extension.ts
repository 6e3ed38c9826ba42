import { TandemError } from "@tandem/core/errors";
import { plural } from "@tandem/core/format";
import type { ExperimentId } from "@tandem/core/ids";
import type { ExperimentView } from "@tandem/protocol/view";
import { requireOwn } from "./adopting";
import { type Commits, tellStatus } from "./commits";
import { consentOf } from "./consent";
import { connectionOf } from "./live-client";
import type { CoordinatedStrategy } from "./ports";
import { amongJoins, type Runtime, roundsOf } from "./runtime";
import { viewOf } from "./view";

const mostRounds = 1000;

/**
 * Gives an experiment so many rounds more. Whoever has agreed to fewer is asked again, and has no part
 * before that. Throws `conflict` for one that has finished, `bad-config` where there would be too many.
 */
export const extending =
  ({
    commits,
    runtime,
    strategyOf,
  }: {
    readonly commits: Commits;
    readonly runtime: (id: ExperimentId) => Promise<Runtime>;
    readonly strategyOf: (name: string) => CoordinatedStrategy;
  }) =>
  async (id: ExperimentId, added: number): Promise<ExperimentView> => {
    const target = await runtime(id);
    await amongJoins(target, async () => {
      await commits.decide(target, async () => {
        refuse(target, added);
        return [{ type: "extended", rounds: added }, {}];
      });
      const { config } = target.record;
      const strategy = strategyOf(config.strategy);
      target.consent = consentOf({ ...config, rounds: roundsOf(target) }, strategy);
      for (const client of target.clients.values()) {
        const isToAgree = client.agreed !== undefined && client.agreed !== target.consent.hash;
        if (isToAgree) connectionOf(client)?.reopen();
        else tellStatus(target, client);
      }
    });
    return viewOf(target);
  };

function refuse(target: Runtime, added: number): void {
  requireOwn(target);
  const rounds = roundsOf(target);
  if (target.state.status === "finished")
    throw new TandemError(
      "conflict",
      `The experiment has finished, and its participants were told that its ${rounds} rounds are all, and when what they have sent is erased: clone it with more rounds.`,
    );
  if (rounds + added > mostRounds)
    throw new TandemError(
      "bad-config",
      `add: ${rounds} rounds and ${added} are more than ${mostRounds}: add ${plural(mostRounds - rounds, "round")} at most.`,
    );
}
