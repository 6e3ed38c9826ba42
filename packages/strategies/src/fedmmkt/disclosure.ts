import { isCritic } from "./answers";
import type { FedmmktConfig } from "./config";

/** What leaves a participant's tab with these settings. */
export function disclosure(config: FedmmktConfig): string {
  const critics = isCritic(config, "image");
  const brief = critics
    ? "What your model makes of each synthetic picture and caption, and, if you hold pictures, how much each looks like yours and of which classes you hold five or more."
    : "What your model makes of each synthetic picture and caption of a round.";
  const answers =
    "That is how likely it finds each class, and a list of numbers that describes what it sees.";
  const ofCritics =
    "How much a picture looks like yours is one number, in the judgement of a second small model that your tab trains in each round and then discards.";
  const hints = critics
    ? "No weights of either model are sent. The answers can still hint at which other classes you hold, what your samples look like, and whether a picture that the server knows is one of yours."
    : "No weights are sent. The answers can still hint at which classes you hold, and what your samples look like.";
  return [brief, answers, ...(critics ? [ofCritics] : []), hints].join(" ");
}
