import { emptyPayload, type Payload } from "@tandem/core/payload";
import type {
  ClientHalf,
  ClientInfo,
  FitContext,
  Gallery,
  ServerEnv,
  ServerHalf,
  Strategy,
} from "@tandem/core/strategy";
import { f32 } from "@tandem/core/tensor";
import { argMax, matrix, mean, rowsOf, softmax } from "../aggregation/rows";
import { firstStudent } from "../synthetic-set/first-student";
import { headTemperatures } from "../synthetic-set/head-temperatures";
import { askAbout, galleryOf } from "../synthetic-set/painted-set";
import { archived, pastFor } from "../synthetic-set/past-sets";
import {
  askedSet,
  asLabelledSet,
  joined,
  type RememberedSet,
  recall,
  remember,
} from "../synthetic-set/remembered-sets";
import { evaluateOnTest, trainLocally } from "../training/client-steps";
import { addAnswer, basisOf, keptOf, mergeAnswers } from "./accumulator";
import { answersOutline, checkAnswers, extract, isCritic } from "./answers";
import { beliefsAbout } from "./beliefs";
import { type FedmmktConfig, fedmmktConfig, packingOf, retired } from "./config";
import { lessonWeights } from "./critics/lesson";
import { ratiosOf } from "./critics/ratios";
import { publicImportances } from "./critics/server";
import { disclosure } from "./disclosure";
import { fuse } from "./fusion";
import { lateAnswers } from "./late";
import { paintRound } from "./painting";
import { scoreBase } from "./scoring";
import { selfOpinion } from "./selection";
import {
  type FedmmktState,
  type FedmmktStep,
  isNone,
  lessonsIn,
  type Round,
  readRound,
  readState,
  roundOf,
  writeState,
} from "./state";
import { teach } from "./teaching";
import { learnByPrompts, learntAtOnce, transfer, warmUp } from "./transfer";

/**
 * Teacher and clients enhance each other. Round t, server: `prepare` paints a captioned set;
 * clients: local epochs, transfer on the set of t-1, extraction on the set of t; server: `conclude`
 * fuses what they know, `teach` distils the student and fine-tunes the teacher on what they agree on.
 * After arXiv 2510.12254; equations are ours where its text is not public (docs/algorithm.md).
 */
export const fedmmkt: Strategy<FedmmktConfig> = {
  name: "fedmmkt",
  title: "FedMMKT",
  summary:
    "Clients answer what they know about synthetic pictures; the fused knowledge teaches them and the text-to-image teacher.",
  source: "FedMMKT, arXiv 2510.12254; aggregation after CreamFL, arXiv 2302.08888",
  disclosure,
  needs: { teacher: true, equalArchitectures: false, modalities: ["image", "text"] },
  config: fedmmktConfig,
  formerly: { critics: "none" },
  retired,
  server: serverHalf,
  client: clientHalf,
};

function serverHalf(config: FedmmktConfig): ServerHalf {
  return {
    init: async () => emptyPayload,
    prepare: async (state, env) => stored(await prepare(config, readState(state), env)),
    instruct: (state, client, answered) => instruct(config, state, client, answered),
    outline: (state, client) =>
      answersOutline(config, roundOf({ round: readRound(state) }), client),
    check: (client, update) => checkAnswers(config, client, update),
    keeps: keptOf(config),
    basis: basisOf,
    accumulate: (accumulator, update, basis) => addAnswer(config, accumulator, update, basis),
    merge: mergeAnswers,
    conclude: async (state, accumulator) => stored(fuse(config, readState(state), accumulator)),
    teach: async (state, env) => stored(await teach(config, readState(state), env)),
    ...(config.catchUp && { late: lateAnswers(config) }),
    forget,
    gallery,
    adapter,
  };
}

/** How far each client was believed is all that is known of one alone. */
function forget(payload: Payload, clients: readonly string[]): Payload | undefined {
  const state = readState(payload);
  const { beliefs } = state.kept;
  const gone = new Set(clients);
  const rest = beliefsAbout(beliefs, (id) => !gone.has(id));
  const isSame = rest.image.size === beliefs.image.size && rest.text.size === beliefs.text.size;
  return isSame ? undefined : writeState({ ...state, kept: { ...state.kept, beliefs: rest } });
}

const stored = ({ state, metrics }: FedmmktStep) => ({ state: writeState(state), metrics });

/** The round's set, painted by the teacher and looked at by the student (docs/algorithm.md A1, A2). */
async function prepare(
  config: FedmmktConfig,
  state: FedmmktState,
  env: ServerEnv,
): Promise<FedmmktStep> {
  const { teacher, signal } = env;
  const { kept, round: before } = state;
  const task = { signal, progress: env.progress };

  // 1. The teacher paints captioned pictures of public prompts.
  const { images, set } = await paintRound(config, state, env);

  // 2. In the first round a student learns the public samples, and the base is scored.
  let { student, publicStudent } = kept;
  const isFirst = isNone(student);
  if (isFirst) {
    student = await firstStudent(env);
    if (config.selection === "student") publicStudent = student;
  }
  const base = isFirst ? await scoreBase(config, env, task) : undefined;

  // 3. The student describes the set: g, which clients' descriptions are matched with.
  const g = await teacher.encode({ student, images, captions: set.captions }, task);
  if (!g.image || !g.text) throw new Error("the student answers for both modalities");
  const opinion = isNone(publicStudent)
    ? undefined
    : await teacher.encode({ student: publicStudent, images, captions: set.captions }, task);

  const own =
    config.critics === "server"
      ? await publicImportances({ images, labels: set.labels }, env)
      : undefined;

  // 4. What was learnt about the last set goes out with this one.
  return {
    state: {
      kept: {
        ...kept,
        student,
        publicStudent,
        shown: base?.shown ?? kept.shown,
        past: archived(writeState(state), config),
      },
      round: {
        set,
        images,
        g: {
          image: g.image.z,
          text: g.text.z,
          seen: matrix(rowsOf(g.image, "logits").map(softmax)),
        },
        self: opinion && selfOpinion(opinion),
        last: { set: before?.set.set ?? null, knowledge: before?.knowledge },
        knowledge: undefined,
        verdict: undefined,
        importances: own && f32([set.labels.length], own),
      },
    },
    metrics: base?.metrics ?? {},
  };
}

/** The set to be asked about, and what is known of the last and of those missed (docs/algorithm.md A3). */
function instruct(
  config: FedmmktConfig,
  state: Payload,
  client: ClientInfo,
  answered?: number,
): Payload {
  const asked = askAbout(state, client);
  const last = readRound(state)?.last;
  if (!last?.knowledge) return asked;
  const { probabilities: target, descriptions } = packingOf(config);
  const packed = { target, confidence: "f16", image: descriptions, text: descriptions } as const;
  const past = pastFor(state, client, { answered, known: { ...packed, accepted: undefined } }); // travels as it is
  return {
    arrays: { ...asked.arrays, ...last.knowledge, ...past.arrays },
    meta: { ...asked.meta, ...past.meta, knowledgeOf: last.set },
    encoding: { ...asked.encoding, ...packed, ...past.encoding },
  };
}

function gallery(state: Payload): Gallery | undefined {
  const round = readRound(state);
  const verdict = round?.verdict;
  const seen = verdict && rowsOf({ seen: verdict.seen }, "seen");
  const accepted = round ? countsMost(round) : [];
  const set = galleryOf(
    state,
    seen &&
      ((i) => ({
        verdict: { label: argMax(seen[i]), confidence: Math.max(...Array.from(seen[i])) },
        accepted: accepted[i],
        reward: verdict.rewards[i],
      })),
  );
  return set && { ...set, lessons: lessonsIn(state) };
}

/** Whether a picture is accepted or, where there are critics, counts for an average one or more in the lesson. */
function countsMost({ set, verdict, importances }: Round): readonly boolean[] {
  if (!verdict) return [];
  if (!importances) return Array.from(verdict.accepted.data, (is) => is === 1);
  const weights = lessonWeights(set, importances, verdict);
  const average = mean(weights);
  return Array.from(weights, (weight) => weight > 0 && weight >= average);
}

function adapter(state: Payload) {
  const { kept } = readState(state);
  return isNone(kept.adapter) ? undefined : kept.adapter;
}

/** How like the client's own pictures those of the set are. */
function criticOf(
  { data, classes, rng, signal, progress }: FitContext,
  { images, labels }: RememberedSet,
) {
  if (!images) throw new Error("who holds pictures is sent the set's");
  return ratiosOf(
    data,
    { images, labels },
    {
      classes: classes.length,
      rng: rng.fork("critic"),
      signal,
      onStep: (share) => progress("extract", share),
    },
  );
}

/** One round of a client (docs/algorithm.md A4, A9, A5). */
function clientHalf(config: FedmmktConfig): ClientHalf {
  return {
    async fit(context, instruction) {
      const { model, trainer, signal } = context;

      // 1. The last sets of which the others' knowledge has come.
      const known = recall(context.memory, instruction)
        .filter(({ knowledge }) => knowledge !== undefined)
        .slice(-config.cachedSets);
      const newest = learntAtOnce(context, config);
      const room = Math.max(1, config.cachedSets - Number(newest.length > 0));
      const recent = known.slice(-room);
      const past = recent.length > 0 ? joined(recent) : undefined;
      if (past && context.isFirst) await warmUp(context, config, past);

      // 2. Local epochs on private samples. z_old of the intra-modal contrast is from before them.
      const before = past && (await trainer.predict(model, past.set, signal));
      const loss = await trainLocally(context, config);

      // 3. Transfer: what the others know.
      if (past && before) await transfer(context, config, past, before);

      // 4. Extraction: what the model says of the new set.
      const asked = askedSet(instruction);
      context.progress("extract", 0);
      const predictions = await trainer.predict(model, asLabelledSet(asked), signal);
      const critic = isCritic(config, context.client.modality)
        ? await criticOf(context, asked)
        : undefined;
      context.progress("extract", 1);
      const answers = extract(config, predictions, context, asked.set, critic);
      const temperatures = await headTemperatures(context, config, asked, predictions);

      // 5. Once it has answered, it learns the new set by its prompts, as far as these can be trusted.
      if (newest.length > 0) await learnByPrompts(context, config, asked, newest);
      return {
        update: answers,
        memory: remember([...known, asked]),
        metrics: { loss, ...(await evaluateOnTest(context, temperatures)) },
      };
    },
  };
}
