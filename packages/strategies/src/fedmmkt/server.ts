import { type Modality, modalitiesOf } from "@tandem/core/data";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { ClientInfo, Gallery, ServerEnv, ServerHalf, ServerStep } from "@tandem/core/strategy";
import { type Arrays, addPrefix, arrayOf, underPrefix } from "@tandem/core/tensor";
import { keepUpload, union } from "../aggregation/kept-uploads";
import { matrix, rowsOf } from "../aggregation/rows";
import {
  expectArray,
  expectNames,
  expectProbabilities,
  expectUnitRows,
  refuse,
} from "../aggregation/upload-checks";
import { argMax } from "../aggregation/weighted-answers";
import { softmax } from "../synthetic-set/averaged-answers";
import { firstStudent } from "../synthetic-set/first-student";
import { askAbout, galleryOf, paintedSet } from "../synthetic-set/painted-set";
import { archived, pastFor } from "../synthetic-set/past-sets";
import { type FedmmktConfig, packingOf } from "./config";
import { fuse } from "./fusion";
import { lateAnswers } from "./late";
import { concludeLatents, keptLatents } from "./options/latents";
import { checkPrototypes, prototypeNames } from "./options/prototypes";
import { trialOf } from "./options/trial";
import { paintRound } from "./painting";
import { qualityOf, withQuality } from "./scoring";
import { selfOpinion } from "./self-reward";
import { evaluationPrompts, teach } from "./teaching";

/**
 * State: images, student/…, adapter/…, g/…, reliability/…, reputation/…, past/…, and what was concluded
 * about the set. Where a student that no client has taught is asked too, public-student/…, and what it says: as
 * the teacher's judge self/…, of diversity in an A/B test trial/z. That test keeps the adapter before,
 * previous/…, and ReFL the student before, snapshot/…. FedKTL's loop
 * keeps latents/… in place of an adapter.
 */
export function fedmmktServer(config: FedmmktConfig): ServerHalf {
  return {
    init: async () => emptyPayload,
    prepare: (state, env) => prepare(config, state, env),
    instruct: (state, client, answered) => instruct(config, state, client, answered),
    ...(config.catchUp && { late: lateAnswers(config) }),
    check: (state, client, update) => check(config, state, client, update),
    accumulate: keepUpload,
    merge: union,
    async conclude(state, accumulator, env) {
      const step = fuse(config, state, accumulator);
      return config.teacherUpdate === "fedktl-loop"
        ? concludeLatents(step, accumulator, env)
        : step;
    },
    teach: (state, env) => teach(config, state, env),
    gallery,
    // FedKTL's loop trains none.
    ...(config.teacherUpdate !== "fedktl-loop" && { adapter }),
  };
}

/** Paints the round's set, and lets the student look at it. */
async function prepare(config: FedmmktConfig, state: Payload, env: ServerEnv): Promise<ServerStep> {
  const { teacher, signal } = env;
  const task = { signal, progress: env.progress };
  const adapter = underPrefix("adapter/", state.arrays);
  const { images, meta, pairs } = await paintRound(config, state, env);
  let student = underPrefix("student/", state.arrays);
  let publicStudent = underPrefix("public-student/", state.arrays);
  const metrics: Record<string, number> = {};
  let quality = qualityOf(state.meta);
  if (Object.keys(student).length === 0) {
    student = await firstStudent(env);
    if (config.selection === "student" || config.abTest) publicStudent = student;
    const base = await teacher.evaluate(evaluationPrompts(config, env), task);
    if (config.qualityStop) quality = { base, current: base };
    metrics["teacher/basePromptAccuracy"] = base.promptAccuracy;
    metrics["teacher/baseSecondPromptAccuracy"] = base.secondPromptAccuracy;
    metrics["teacher/baseFrechet"] = base.frechet;
    metrics["teacher/baseRecall"] = base.recall;
    metrics["teacher/baseDiversity"] = base.diversity;
    for (const [part, share] of Object.entries(base.parts ?? {}))
      metrics[`teacher/basePart/${part}`] = share;
    if (config.heldOutShare > 0) {
      const heldOut = await teacher.evaluate(evaluationPrompts(config, env, "heldOut"), task);
      metrics["teacher/baseHeldOutPromptAccuracy"] = heldOut.promptAccuracy;
    }
  }
  const g = await teacher.encode({ student, images, captions: meta.captions }, task);
  if (!g.image || !g.text) throw new Error("the student answers for both modalities");
  const judged =
    Object.keys(publicStudent).length > 0 &&
    (await teacher.encode({ student: publicStudent, images, captions: meta.captions }, task));
  const past = archived(state, config);
  // What was learnt about the last set goes out with this one.
  return {
    state: {
      arrays: {
        ...past.arrays,
        ...addPrefix("adapter/", adapter),
        ...addPrefix("student/", student),
        ...addPrefix("public-student/", publicStudent),
        ...addPrefix("snapshot/", underPrefix("snapshot/", state.arrays)),
        ...keptLatents(state),
        ...addPrefix("reliability/", underPrefix("reliability/", state.arrays)),
        ...addPrefix("reputation/", underPrefix("reputation/", state.arrays)),
        ...addPrefix("last/", underPrefix("knowledge/", state.arrays)),
        images,
        "g/image": g.image.z,
        "g/text": g.text.z,
        "g/seen": matrix(rowsOf({ logits: g.image.logits }, "logits").map(softmax)),
        ...(judged && config.selection === "student" && selfOpinion(judged)),
        ...(judged && config.abTest && judged.image && { "trial/z": judged.image.z }),
        ...addPrefix("previous/", underPrefix("previous/", state.arrays)),
      },
      meta: withQuality(
        {
          ...meta,
          ...past.meta,
          last: state.meta.set ?? null,
          ...(state.meta.accuracies && { accuracies: state.meta.accuracies }),
          ...((config.abTest || config.qualityStop) && {
            trial: { ...trialOf(state.meta), pairs },
          }),
        },
        quality,
      ),
      encoding: { ...past.encoding, images: "png" },
    },
    metrics,
  };
}

function instruct(
  config: FedmmktConfig,
  state: Payload,
  client: ClientInfo,
  answered?: number,
): Payload {
  const asked = askAbout(state, client);
  const last = underPrefix("last/", state.arrays);
  if (Object.keys(last).length === 0) return asked;
  const { probabilities: target, descriptions } = packingOf(config);
  const packed = { target, confidence: "f16", image: descriptions, text: descriptions } as const;
  const knowledge = { ...packed, accepted: undefined };
  const past = pastFor(state, client, { answered, known: knowledge });
  return {
    arrays: { ...asked.arrays, ...last, ...past.arrays },
    meta: { ...asked.meta, ...past.meta, knowledgeOf: state.meta.last },
    encoding: { ...asked.encoding, ...packed, ...past.encoding },
  };
}

/** Names, shapes, ranges and norms of an upload; nothing is repaired. */
function check(config: FedmmktConfig, state: Payload, client: ClientInfo, update: Payload): void {
  const { arrays, meta } = update;
  const { set, labels, classes } = paintedSet(state);
  const modalities: readonly Modality[] = modalitiesOf(client.modality);
  const answers = modalities.flatMap((m) => [`p/${m}`, `z/${m}`, `mask/${m}`]);
  const prototypes = prototypeNames(config, client);
  expectNames(update, { arrays: [...answers, ...prototypes], meta: ["set"] });
  if (meta.set !== set) refuse(`the upload is about set ${String(meta.set)}, not ${set}`);
  for (const modality of modalities) {
    const [p, z, mask] = [`p/${modality}`, `z/${modality}`, `mask/${modality}`];
    expectArray(mask, arrays[mask], { dtype: "u8", shape: [labels.length] });
    if (arrays[mask].data.some((value) => value > 1)) refuse(`${mask} must be zeros and ones`);
    expectArray(p, arrays[p], { dtype: "f32", shape: [labels.length, classes] });
    expectProbabilities(p, rowsOf(arrays, p));
    expectArray(z, arrays[z], { dtype: "f32", shape: state.arrays[`g/${modality}`].shape });
    expectUnitRows(z, rowsOf(arrays, z));
  }
  const [, width] = state.arrays["g/image"].shape;
  if (prototypes.length > 0) checkPrototypes(update, client, { classes, width });
}

function adapter({ arrays }: Payload): Arrays | undefined {
  const own = underPrefix("adapter/", arrays);
  return Object.keys(own).length > 0 ? own : undefined;
}

function gallery(state: Payload): Gallery | undefined {
  if (!("verdict/seen" in state.arrays)) return galleryOf(state);
  const seen = rowsOf(state.arrays, "verdict/seen");
  const accepted = arrayOf(state.arrays, "verdict/accepted", "u8").data;
  const rewards = (state.meta.rewards ?? []) as readonly number[];
  return galleryOf(state, (i) => ({
    verdict: { label: argMax(seen[i]), confidence: Math.max(...Array.from(seen[i])) },
    accepted: accepted[i] === 1,
    reward: rewards[i],
  }));
}
