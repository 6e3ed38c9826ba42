import type { Coordinator } from "@tandem/coordinator/coordinator";
import { codeOf, TandemError } from "@tandem/core/errors";
import type { ExperimentConfig } from "@tandem/core/experiment";
import type { ExperimentId } from "@tandem/core/ids";
import { createRng } from "@tandem/core/rng";
import type { Teacher } from "@tandem/core/teacher";
import { concatenateRows, type TensorOf } from "@tandem/core/tensor";
import { encodeSheet } from "@tandem/protocol/sheet";
import type { PaintingTerms, PaintingView } from "@tandem/protocol/view";
import type { Spending } from "./accounts/spending";
import { createAdapters } from "./adapters";
import { createMinuteLimit } from "./minute-limit";
import type { PaintBudget } from "./paint-budget";
import { createPaintQueue, type Paint, queueLimits } from "./paint-queue";

/** Prompts of one address that are painted in a minute. */
export const promptsPerMinute = 12;
const promptsShown = 12;

export type PaintingOptions = Pick<Coordinator, "view" | "gallery" | "adapter" | "authorise"> & {
  readonly teacher: (config: ExperimentConfig) => Promise<Teacher>;
  readonly hasTeacher: (config: ExperimentConfig) => boolean;
  /** Somebody else's teacher, to whom each picture is paid. */
  readonly isRemote: (config: ExperimentConfig) => Promise<boolean>;
  readonly budget: PaintBudget;
  readonly spend: Spending["spend"];
  readonly now: () => number;
  readonly random: () => string;
  readonly logError: (error: unknown) => void;
};

/** What people ask the teachers of experiments to paint, as these were taught there. */
export function createPaintings(options: PaintingOptions) {
  const { view, gallery, authorise, budget, now, random, logError } = options;
  const adapters = createAdapters(options);
  const secondsToWait = createMinuteLimit(promptsPerMinute, now);
  const queue = createPaintQueue({ paint, now, random, logError });

  /** Throws `not-supported` where the experiment has no teacher. */
  async function configOf(id: ExperimentId): Promise<ExperimentConfig> {
    const { config } = await view(id);
    if (options.hasTeacher(config)) return config;
    throw new TandemError(
      "not-supported",
      `“${config.name}” has no teacher that could paint: its strategy, ${config.strategy}, needs none.`,
    );
  }

  /** By the base and as it was taught, from the same noise. */
  async function paint(
    { experiment, prompt }: Parameters<Paint>[0],
    { signal, progress }: Parameters<Paint>[1],
  ) {
    const config = await configOf(experiment);
    const teacher = await options.teacher(config);
    if (await options.isRemote(config)) await budget.take(experiment);
    const taught = teacher.abilities.finetune ? await adapters.latest(experiment) : undefined;
    const seed = createRng(random()).integer(2 ** 31);
    const by = [undefined, ...(taught ? [taught.arrays] : [])];
    const pictures: TensorOf<"u8">[] = [];
    for (const [i, adapter] of by.entries())
      pictures.push(
        await teacher.generate(
          { prompts: [prompt], seed, ...settingsOf(config), ...(adapter && { adapter }) },
          { signal, progress: (fraction) => progress((i + fraction) / by.length) },
        ),
      );
    const shows = taught ? (["base", "taught"] as const) : (["base"] as const);
    return {
      sheet: encodeSheet(concatenateRows(pictures)),
      shows,
      ...(taught && { taughtIn: taught.round }),
    };
  }

  /** Throws where the teacher costs money, and whoever asks takes no part or all of it is spent. */
  async function requirePaid(id: ExperimentId, token: string): Promise<void> {
    if (authorise(token)?.experiment !== id)
      throw new TandemError(
        "unauthorised",
        "This teacher costs its organiser money with each picture: it paints for participants alone. Take part first.",
      );
    if ((await budget.left(id)) - queue.length(id) < 1)
      throw new TandemError(
        "forbidden",
        `The ${budget.of} pictures that this teacher paints for the participants are used up.`,
      );
  }

  /** Of the last set that can still be shown. */
  async function promptsOf(id: ExperimentId): Promise<readonly string[]> {
    const last = (await view(id)).rounds.findLast((round) => round.gallery)?.round;
    if (last === undefined) return [];
    try {
      const { items } = (await gallery(id, last)).gallery;
      return [...new Set(items.map(({ prompt }) => prompt))].slice(0, promptsShown);
    } catch (error) {
      if (codeOf(error) === "not-found") return []; // someone has made room
      throw error;
    }
  }

  return {
    ...queue,
    /** Throws `not-supported` where the experiment has no teacher. */
    async terms(id: ExperimentId): Promise<PaintingTerms> {
      const config = await configOf(id);
      const prompts = await promptsOf(id);
      if (await options.isRemote(config))
        return { prompts, budget: { left: await budget.left(id), of: budget.of } };
      const taughtIn = (await adapters.latest(id))?.round;
      return { prompts, ...(taughtIn !== undefined && { taughtIn }) };
    },
    /** Throws `full`, `too-many` with the seconds to wait, and `unauthorised` or `forbidden` for a remote teacher. */
    async ask(
      id: ExperimentId,
      prompt: string,
      from: { readonly address: string; readonly token: string },
    ): Promise<PaintingView> {
      const config = await configOf(id);
      if (await options.isRemote(config)) await requirePaid(id, from.token);
      if (queue.length(id) >= queueLimits.most)
        throw new TandemError(
          "full",
          `${queueLimits.most} other prompts wait for this teacher: try again in a minute.`,
        );
      const seconds = secondsToWait(from.address);
      if (seconds > 0)
        throw new TandemError(
          "too-many",
          `${promptsPerMinute} prompts a minute are painted for one address: try again in ${seconds} s.`,
        );
      await options.spend("paintings");
      return queue.add(id, prompt);
    },
  };
}

export type Paintings = ReturnType<typeof createPaintings>;

/** As the experiment's strategy has it painted. */
function settingsOf({ strategyConfig }: ExperimentConfig) {
  const { samplingSteps, guidance } = strategyConfig;
  return {
    steps: typeof samplingSteps === "number" ? samplingSteps : 8,
    guidance: typeof guidance === "number" ? guidance : 1,
  };
}
