import * as z from "zod/mini";
import { choice, flag, integer, localTraining, real } from "./fields";

/** Defaults of algorithm sections A4-A7, as amended by the prototype's findings. */
export const fedmmktConfig = z.strictObject({
  ...localTraining,
  items: integer(256, 8, 2048, "Synthetic set", "Pictures that the teacher paints in each round."),
  samplingSteps: integer(12, 1, 100, "Sampling steps", "U-Net passes for each picture."),
  guidance: real(2, 0, 10, "Guidance", "How strongly a prompt steers the picture."),
  transferEpochs: integer(6, 0, 50, "Transfer epochs", "Passes over the last synthetic sets."),
  cachedSets: integer(
    3,
    1,
    10,
    "Cached sets",
    "Synthetic sets that a client goes on learning from.",
  ),
  distillation: real(1, 0, 10, "Weight of distillation", "λ_kd; 0 switches it off."),
  interModal: real(0.5, 0, 10, "Weight of inter-modal contrast", "0 switches it off."),
  intraModal: real(0.5, 0, 10, "Weight of intra-modal contrast", "0 switches it off."),
  pseudoLabels: real(0.5, 0, 10, "Weight of pseudo-labels", "λ_pl; 0 switches it off."),
  promptLabels: flag(
    true,
    "Captions teach their prompt's class",
    "Off: captions count as labelled only where the clients accept the picture.",
  ),
  contrastTemperature: real(0.5, 0.01, 10, "Contrast temperature", "τ of both contrasts."),
  distillationTemperature: real(2, 0.1, 20, "Distillation temperature", "T of the soft labels."),
  scoreTemperature: real(0.1, 0.01, 10, "Score temperature", "τ_w of the aggregation weights."),
  sharpening: real(0.5, 0.05, 1, "Sharpening", "Exponent 1/T of the pooled predictions."),
  studentWeight: real(0.5, 0, 10, "Student's weight", "ω0 of the server's own representation."),
  studentEpochs: integer(2, 0, 50, "Student epochs", "Distillation passes at the server."),
  selection: choice(
    "consensus",
    ["consensus", "random"],
    "Selection",
    "Which pictures the teacher learns from: those the clients agree on, or any (a control).",
  ),
  judges: choice(
    "viewers",
    ["viewers", "all"],
    "Judges",
    "Whose answers decide about a picture: those of models that see it, or of captions too.",
  ),
  acceptShare: real(0.3, 0.01, 1, "Accepted share", "Best share of each class that is kept."),
  finetuneSteps: integer(
    30,
    0,
    1000,
    "Fine-tuning steps",
    "LoRA steps in each round; 0 freezes the teacher.",
  ),
  finetuneBatch: integer(16, 1, 128, "Fine-tuning batch", "Pictures in a LoRA step."),
  finetuneRate: real(0.003, 0.00001, 0.1, "Fine-tuning rate", "Adam's step size for the LoRA."),
  loraRank: integer(4, 1, 64, "LoRA rank", "Rank of the teacher's adapter."),
  replayShare: real(0.75, 0, 1, "Replay share", "Share of real public pictures in fine-tuning."),
  evaluationItems: integer(
    64,
    8,
    1024,
    "Evaluated pictures",
    "Pictures that the teacher is scored on.",
  ),
});
export type FedmmktConfig = z.infer<typeof fedmmktConfig>;
