import type { ClientModality } from "@tandem/core/data";
import { modalitiesOf } from "@tandem/core/data";
import type { Json, JsonObject } from "@tandem/core/json";
import type { TaskView } from "@tandem/protocol/view";
import { costs, dealtFacts, exchanges, kinds, type Traffic } from "./cost-model";

/** What an experiment is on, as far as it costs. */
export type World = {
  readonly classes: number;
  /** Of a picture, in pixels. */
  readonly side: number;
  /** Of one client. */
  readonly samples: number;
  /** What clients hold, in equal parts. */
  readonly modalities: readonly ClientModality[];
  /** Received before a client's first round. */
  readonly firstBytes: number;
  /** Pictures that its teacher paints, and samples that it is taught, a second; absent: not known. */
  readonly teacher?: { readonly painted: number; readonly taught: number };
  /** The samples are a guess. */
  readonly isAssumed: boolean;
};

export type Work = {
  readonly strategy: string;
  readonly strategyConfig: JsonObject;
  readonly rounds: number;
  readonly clients: number;
  /** Share of the clients that a round asks. */
  readonly participation: number;
  readonly usesTeacher: boolean;
};

export type Estimate = {
  /** With each client on a machine of its own, as fast as the bench's. */
  readonly apartMs: number;
  /** With all clients one after another on one such machine. */
  readonly togetherMs: number;
  /** Of the slowest client's first round. */
  readonly firstRoundMs: number;
  /** Of a client in all rounds, on average. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Of all clients. */
  readonly totalBytes: number;
  /** The time that the teacher takes is in it, or it takes none. */
  readonly hasPainting: boolean;
};

/** What a participant is taken to bring where a task asks for no more. */
const usualSamples = 50;

/** Of a task; undefined: nothing is known of it. */
export function worldOf(task: TaskView, slots: number): World | undefined {
  if (task.data === "own") {
    const { classes, modalities, pictures, least, teacher } = task.task;
    const isKnown = teacher.kind === "shipped" || teacher.kind === "trained";
    return {
      classes: classes.length,
      side: pictures.size,
      samples: Math.max(usualSamples, least.participant),
      modalities,
      firstBytes: task.test?.bytes ?? 0,
      isAssumed: true,
      ...(isKnown && { teacher: teacherOf(pictures.size) }),
    };
  }
  const facts = dealtFacts[task.id];
  return (
    facts && {
      ...facts,
      samples: facts.samples(slots) / slots,
      modalities: kinds,
      isAssumed: false,
      teacher: teacherOf(facts.side),
    }
  );
}

/** Pictures of more pixels take as much longer. */
function teacherOf(side: number): NonNullable<World["teacher"]> {
  const near = side < 24 ? 16 : 32;
  const { painted, taught } = costs.teachers[near];
  const pixels = (side / near) ** 2;
  return { painted: painted / pixels, taught: taught / pixels };
}

const numberOf = (value: Json | undefined, otherwise = 0): number =>
  typeof value === "number" ? value : otherwise;
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Rough time and bytes; undefined for a strategy that there are no figures of. */
export function estimate(work: Work, world: World): Estimate | undefined {
  const exchange = exchanges[work.strategy];
  if (!exchange) return undefined;
  const { rounds, strategyConfig: settings } = work;
  const asked = Math.max(1, Math.ceil(work.participation * work.clients));
  const items = numberOf(settings.items);
  const about = {
    ...{ items, classes: world.classes },
    isCoarse: settings.answerPrecision === "coarse",
  };
  const traffic = world.modalities.map((modality): Traffic => {
    const { up, down } = exchange(about, modality);
    const { messages } = costs;
    return {
      up: up + messages.up,
      down: down + messages.down + setBytes(settings, world, modality),
    };
  });
  let [apartMs, togetherMs, firstRoundMs] = [0, 0, 0];
  for (let round = 1; round <= rounds; round++) {
    const clients = world.modalities.map((modality) =>
      clientMs(round, { settings, world, modality }),
    );
    const server = work.usesTeacher ? serverMs(round, settings, world.teacher) : 0;
    if (round === 1) firstRoundMs = Math.max(...clients);
    apartMs += Math.max(...clients) + server;
    togetherMs += asked * mean(clients) + server;
  }
  const shared = (rounds * asked) / work.clients;
  const bytesUp = shared * mean(traffic.map(({ up }) => up));
  const bytesDown = world.firstBytes + shared * mean(traffic.map(({ down }) => down));
  return {
    ...{ apartMs, togetherMs, firstRoundMs, bytesUp, bytesDown },
    totalBytes: work.clients * (bytesUp + bytesDown),
    hasPainting: !work.usesTeacher || world.teacher !== undefined,
  };
}

/** Of a round's painted set; text models get its captions alone. */
function setBytes(settings: JsonObject, world: World, modality: ClientModality): number {
  const items = numberOf(settings.items);
  const colours = numberOf(settings.colours);
  const bits = colours > 0 ? Math.ceil(Math.log2(colours)) : 24;
  const picture = modality === "text" ? 0 : (world.side ** 2 * bits) / 8;
  return items * (costs.captionBytes + picture);
}

/** Own samples first, then the sets that it keeps, then an answer to the newest. */
function clientMs(
  round: number,
  {
    settings,
    world,
    modality,
  }: { readonly settings: JsonObject; readonly world: World; readonly modality: ClientModality },
): number {
  const own = numberOf(settings.localEpochs) + (round === 1 ? numberOf(settings.warmUpEpochs) : 0);
  const items = numberOf(settings.items);
  const sets = Math.min(round, numberOf(settings.cachedSets, 1));
  const trained = own * world.samples + numberOf(settings.transferEpochs) * sets * items;
  const samples = trained + costs.forwardShare * items;
  const isCritic = settings.critics === "clients" && modalitiesOf(modality).includes("image");
  return (samples / costs.stepSamples) * costs.stepMs[modality] + (isCritic ? costs.criticMs : 0);
}

/** Paints the set, is taught, and paints what it is scored by, once more before the first round. */
function serverMs(round: number, settings: JsonObject, teacher: World["teacher"]): number {
  if (!teacher) return 0;
  const hasCritics = settings.critics !== undefined && settings.critics !== "none";
  const candidates = round > 1 && hasCritics ? numberOf(settings.candidates, 1) : 1;
  const evaluated = numberOf(settings.evaluationItems) * (round === 1 ? 2 : 1);
  const painted = numberOf(settings.items) * candidates + evaluated;
  const slower = numberOf(settings.samplingSteps, 8) / 8;
  const guided = numberOf(settings.guidance, 2) > 1 ? 1 : 0.5;
  const taught = numberOf(settings.finetuneSteps) * numberOf(settings.finetuneBatch);
  return 1000 * ((painted * slower * guided) / teacher.painted + taught / teacher.taught);
}
