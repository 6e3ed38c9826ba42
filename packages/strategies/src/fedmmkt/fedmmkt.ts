import type { Strategy } from "@tandem/core/strategy";
import { fedmmktClient } from "./client";
import { type FedmmktConfig, fedmmktConfig } from "./config";
import { fedmmktServer } from "./server";

/**
 * Teacher and clients enhance each other. Round t, server: `prepare` paints a captioned set;
 * clients: local epochs, transfer on the set of t-1, extraction on the set of t; server: `conclude`
 * fuses what they know, `teach` distils the student and fine-tunes the teacher on what they agree on.
 * After arXiv 2510.12254; equations are ours where its text is not public (docs/algorithm).
 */
export const fedmmkt: Strategy<FedmmktConfig> = {
  name: "fedmmkt",
  title: "FedMMKT",
  summary:
    "Clients answer what they know about synthetic pictures; the fused knowledge teaches them and the text-to-image teacher.",
  source: "FedMMKT, arXiv 2510.12254; aggregation after CreamFL, arXiv 2302.08888",
  disclosure:
    "For each synthetic picture or caption of a round: how likely your model finds each class, its description of it as a list of numbers, and whether it is within what the model knows. If the experiment asks for prototypes, also the average of your model's descriptions of your own pictures of each class of which you hold five or more, and how many they are: the only numbers that are computed from your pictures directly. Your model's weights stay. Its answers can still hint at which classes you hold.",
  needs: { teacher: true, equalArchitectures: false, modalities: ["image", "text"] },
  config: fedmmktConfig,
  server: fedmmktServer,
  client: fedmmktClient,
};
