import * as z from "zod/mini";
import { integer, localTraining, real, syntheticSet } from "./config-fields";

const { items, samplingSteps, guidance, colours, calibration } = syntheticSet;
export const creamflConfig = z.strictObject({
  ...localTraining,
  items,
  samplingSteps,
  guidance,
  colours,
  calibration,
  transferEpochs: integer(
    { value: 5, from: 0, to: 50 },
    "Contrast epochs",
    "How often a client goes through the round's synthetic set, to bring its representations close to the server's.",
  ),
  interModal: real(
    { value: 0.5, from: 0, to: 10 },
    "Weight of inter-modal contrast",
    "How much a client moves its representation of an item towards the server's of the same item in the other modality. 0: not at all.",
  ),
  intraModal: real(
    { value: 0.5, from: 0, to: 10 },
    "Weight of intra-modal contrast",
    "How much a client moves its representation of an item towards the server's in the same modality, and away from its own before the round. 0: not at all.",
  ),
  contrastTemperature: real(
    { value: 0.5, from: 0.01, to: 10 },
    "Contrast temperature",
    "How soft both contrasts are: smaller values only count the closest wrong items (τ).",
  ),
  scoreTemperature: real(
    { value: 1, from: 0.01, to: 10 },
    "Score temperature",
    "How evenly the clients' representations of an item are weighted: smaller values favour those that match its other modality best.",
  ),
  studentEpochs: integer(
    { value: 1, from: 0, to: 50 },
    "Student epochs",
    "How often the server's own small model goes through the public and the synthetic set in each round.",
  ),
});
export type CreamflConfig = z.infer<typeof creamflConfig>;
