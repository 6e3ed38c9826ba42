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
    "What the clients train on. Each place is dealt a part of its own.",
  ),
  rounds: described(
    z._default(z.int().check(z.minimum(1), z.maximum(1000)), 5),
    "Rounds",
    "The experiment ends after this many rounds.",
  ),
  seed: described(
    z._default(z.int().check(z.minimum(0), z.maximum(2 ** 31 - 1)), 1),
    "Seed",
    "Start of everything random: the same seed gives the same parts, initial weights and samples.",
  ),
  slots: described(
    z._default(z.int().check(z.minimum(1), z.maximum(1000)), 12),
    "Places",
    "Parts that the data set is split into. Each client takes one, so at most this many can take part.",
  ),
  alpha: described(
    z._default(z.number().check(z.minimum(0.01), z.maximum(1000)), 0.5),
    "Label skew α",
    "How evenly the classes are spread over the places. At 0.1 most places hold few classes; at 100 all hold nearly the same.",
  ),
  missingClients: described(
    z._default(z.number().check(z.minimum(0), z.maximum(1)), 0),
    "Clients with one modality missing",
    "Share of the places with pairs that hold only pictures or only captions, in turn. A larger share affects the same places and more.",
  ),
  missingSamples: described(
    z._default(z.number().check(z.minimum(0), z.maximum(1)), 0),
    "Samples with one modality missing",
    "In each place with pairs: share of the samples that lack their picture or their caption. They train what they have.",
  ),
  lateCaptions: described(
    z._default(z.int().check(z.minimum(0), z.maximum(1000)), 0),
    "Captions from round",
    "Round in which places with pairs get their captions. Until then they train on pictures only, and know captions only from what the strategy teaches. 0: from the start.",
  ),
  task: described(
    z._default(z.enum(clientTasks), "classification"),
    "Task of pairs",
    "What places with pairs learn: the class (classification), which caption belongs to which picture (retrieval), or both. With retrieval alone, they know classes only from what the strategy teaches.",
  ),
  benchmark: described(
    z._default(z.enum(benchmarks), "test"),
    "Accuracy measured on",
    "The samples that all clients are tested on. Choose settings on validation, and keep test for measuring your choice.",
  ),
  minClients: described(
    z._default(z.int().check(z.minimum(1), z.maximum(1000)), 2),
    "Clients to start",
    "The first round starts once this many clients are ready. Later rounds need only the quorum's share of them.",
  ),
  quorum: described(
    z._default(z.number().check(z.gt(0), z.maximum(1)), 0.6),
    "Quorum",
    "Share of a round's clients that must have answered at the deadline; 1 is all.",
  ),
  deadlineMs: described(
    z._default(z.int().check(z.minimum(1000), z.maximum(86_400_000)), 120_000),
    "Deadline",
    "How long a round waits for answers. It goes on without clients that are late.",
  ),
  participation: described(
    z._default(z.number().check(z.gt(0), z.maximum(1)), 1),
    "Participation",
    "Share of the ready clients that a round asks, at least one. The others sit the round out. 1 asks all.",
  ),
  sampling: described(
    z._default(z.enum(samplings), "random"),
    "Choice of clients",
    "Which clients a round asks if not all: any (random), those that have waited longest (rotating), or first those known to answer within the deadline (capable). Capable still asks every client that has waited for twice as many rounds as it would on average with random.",
  ),
  mostSamples: described(
    z._default(z.int().check(z.minimum(1), z.maximum(100_000)), 200),
    "Samples that count",
    "Where participants bring their own data, the server has only their word for how many samples they have. At most this many count wherever clients are weighted by samples, so that nobody gains by claiming more. 1 weights all clients alike.",
  ),
  admission: described(
    z._default(z.enum(admissions), "open"),
    "Who may join",
    "Anybody who has the address (open), people with a link that you make on the experiment's page (invitation), or people who ask and whom you let in there (approval).",
  ),
  retentionDays: described(
    z._default(z.int().check(z.minimum(0), z.maximum(3650)), 30),
    "Days to keep participants' data",
    "This many days after the experiment has ended, or after its last change if it never ends, the server erases what it keeps of each participant: uploads, results, name and key. What was made of all answers stays: means, curves and what the teacher has learned. 0: everything is kept until you delete the experiment.",
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
    "Accuracies measured elsewhere, such as by a control, to draw beside the clients' accuracy.",
  ),
});

/** Compile-time proof that schema and vocabulary agree. */
const agrees = (config: z.infer<typeof experimentConfig>): ExperimentConfig => config;
void agrees;
