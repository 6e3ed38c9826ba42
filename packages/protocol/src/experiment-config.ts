import { admissions, benchmarks, type ExperimentConfig, samplings } from "@tandem/core/experiment";
import { clientTasks } from "@tandem/core/model";
import * as z from "zod/mini";
import { described } from "./described";
import { jsonObject } from "./json";
import { storable, text } from "./text";

/** Everything has a default except the name; unknown keys are refused. */
export const experimentConfig = z.strictObject({
  name: described(
    z.string().check(z.trim(), z.minLength(1), z.maxLength(80), storable),
    "Name",
    "Shown on the dashboard and to participants.",
  ),
  strategy: described(
    z._default(text(40), "fedmmkt"),
    "Strategy",
    "How clients and server learn from each other.",
  ),
  strategyConfig: z._default(jsonObject, {}),
  dataset: described(
    z._default(text(40), "emoji-style"),
    "Data set",
    "What the clients train on; each gets a part of its own.",
  ),
  rounds: described(
    z._default(z.int().check(z.minimum(1), z.maximum(1000)), 5),
    "Rounds",
    "The experiment is finished after this many.",
  ),
  seed: described(
    z._default(z.int().check(z.minimum(0), z.maximum(2 ** 31 - 1)), 1),
    "Seed",
    "Starting point of everything random: the same seed gives the same parts, first weights and samples.",
  ),
  slots: described(
    z._default(z.int().check(z.minimum(1), z.maximum(64)), 12),
    "Places",
    "Parts that the data set is split into. Each client takes one, so this is the most that can take part.",
  ),
  alpha: described(
    z._default(z.number().check(z.minimum(0.01), z.maximum(1000)), 0.5),
    "Label skew α",
    "How evenly the classes are spread: at 0.1 most parts hold few classes, at 100 all hold nearly the same.",
  ),
  missingClients: described(
    z._default(z.number().check(z.minimum(0), z.maximum(1)), 0),
    "Clients without one kind",
    "Share of the places with pictures and captions that hold only one of the two, in turn pictures and captions. A larger share takes the same places and more.",
  ),
  missingSamples: described(
    z._default(z.number().check(z.minimum(0), z.maximum(1)), 0),
    "Samples without one kind",
    "Share of the samples of each place with pictures and captions that lack one of the two. They train what they have.",
  ),
  lateCaptions: described(
    z._default(z.int().check(z.minimum(0), z.maximum(1000)), 0),
    "Captions from round",
    "Round from which places with pictures and captions have their captions. Before it they train on pictures alone, and what they say of captions they have learned from the strategy, or not at all. 0: they have them from the start.",
  ),
  task: described(
    z._default(z.enum(clientTasks), "classification"),
    "Task of pairs",
    "What places with pictures and captions learn from them: the class; which caption belongs to which picture (retrieval); or both. With retrieval their class accuracy is only what the strategy teaches them.",
  ),
  benchmark: described(
    z._default(z.enum(benchmarks), "test"),
    "Accuracy measured on",
    "The samples that all clients are tested with. Choose settings on validation, so that test is left for measuring what was chosen.",
  ),
  minClients: described(
    z._default(z.int().check(z.minimum(1), z.maximum(64)), 2),
    "Clients to start",
    "The first round starts once this many are ready; later ones need only the quorum's share of them.",
  ),
  quorum: described(
    z._default(z.number().check(z.gt(0), z.maximum(1)), 0.6),
    "Quorum",
    "Share of a round's clients (1 is all) that must have answered when the deadline passes.",
  ),
  deadlineMs: described(
    z._default(z.int().check(z.minimum(1000), z.maximum(86_400_000)), 120_000),
    "Deadline",
    "How long a round waits for the clients' answers; it goes on without those that are late.",
  ),
  participation: described(
    z._default(z.number().check(z.gt(0), z.maximum(1)), 1),
    "Participation",
    "Share of the clients that are ready which a round asks, at least one; the others sit it out. 1 asks all.",
  ),
  sampling: described(
    z._default(z.enum(samplings), "random"),
    "Choice of clients",
    "Whom a round asks if not all: anybody (random); who has waited longest (rotating); or first those that answer within the deadline, as far as is known (capable). Capable still asks everybody who has waited for twice as many rounds as random would let it wait on average.",
  ),
  mostSamples: described(
    z._default(z.int().check(z.minimum(1), z.maximum(100_000)), 200),
    "Samples that count",
    "Where participants bring their own data, how many they have is their word alone: so many of them count at most wherever clients are weighed by samples, so that nobody gains by a larger claim. 1 weighs all alike.",
  ),
  admission: described(
    z._default(z.enum(admissions), "open"),
    "Who may join",
    "Anybody who has the address (open), whoever has a link that you make on the experiment's page once it is created, for so many people and so many days (invitation), or whoever asks and is let in by you there (approval).",
  ),
  retentionDays: described(
    z._default(z.int().check(z.minimum(0), z.maximum(3650)), 30),
    "Days for which participants' data is kept",
    "So many days after the experiment has ended, or after its last change where it stands still, the server erases what it keeps of each participant: uploads, results, name and key. What was made of all answers stays: means, curves and what the teacher has learned. 0: everything is kept until you delete the experiment.",
  ),
  references: described(
    z.optional(
      z
        .array(
          z.strictObject({
            label: text(60).check(z.minLength(1)),
            accuracy: z.number().check(z.minimum(0), z.maximum(1)),
          }),
        )
        .check(z.maxLength(3)),
    ),
    "Reference lines",
    "Accuracies measured elsewhere, such as by a control, to draw the clients' accuracy beside.",
  ),
});

/** Compile-time proof that schema and vocabulary agree. */
const agrees = (config: z.infer<typeof experimentConfig>): ExperimentConfig => config;
void agrees;
