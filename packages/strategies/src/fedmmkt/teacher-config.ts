import { choice, flag, integer, real } from "../config-fields";

/** How FedMMKT's teacher paints, learns and is watched: docs/algorithm.md A2, A7, A8, A12. */
export const teacherFields = {
  critics: choice(
    { value: "clients", options: ["clients", "server", "random", "none"] },
    "Critics",
    "Who tells the teacher which of its pictures look like the clients' own: a small critic in each tab that holds pictures (clients); or, as controls, one of the server's that knows public pictures alone (server), or the clients' answers given to other pictures by chance (random); or nobody, and the teacher learns which class a picture shows and nothing else (none).",
  ),
  candidates: integer(
    { value: 4, from: 1, to: 16 },
    "Candidates",
    "Once there has been a lesson, how many pictures the teacher paints for each one of the set; those that the clients' critics would take for their own are published. 1: all.",
  ),
  selection: choice(
    { value: "consensus", options: ["consensus", "random", "student"] },
    "Selection",
    "Which pictures the teacher learns from where there are no critics: those that the clients agree on; or, as controls, as many random ones (random), or those that the server's own small model prefers, taught by public samples alone (student).",
  ),
  judges: choice(
    { value: "viewers", options: ["viewers", "all"] },
    "Judges",
    "Whose answers decide which pictures the teacher learns from: only of models that see pictures (viewers), or also of those that read the captions (all).",
  ),
  acceptShare: real(
    { value: 0.3, from: 0.01, to: 1 },
    "Accepted share",
    "Share of each class's pictures, the best ones, that the teacher learns from.",
  ),
  teacherUpdate: choice(
    { value: "raft", options: ["raft", "refl", "fedktl-loop"] },
    "The teacher's lesson",
    "How the teacher learns: by fine-tuning on accepted pictures by their rewards (raft); in one step of four also straight up the gradient of what the server's own student says of fresh pictures (refl), which pleases that student and not necessarily the clients; or not by fine-tuning, but by the noise that the pictures of a class begin as, which is learnt from the clients' prototypes (fedktl-loop).",
  ),
  latentShare: real(
    { value: 0.5, from: 0, to: 1 },
    "Share of the class's noise",
    "For fedktl-loop: how much of the noise that a picture begins as is that of its class; the rest is fresh. At 1 all pictures of a prompt are the same.",
  ),
  rewardScale: real(
    { value: 0.001, from: 0, to: 10 },
    "Scale of the reward",
    "Factor of the loss in the steps that follow the student's gradient, for refl; larger ones count more beside the other steps.",
  ),
  finetuneSteps: integer(
    { value: 80, from: 0, to: 1000 },
    "Fine-tuning steps",
    "Steps of training that the teacher gets in each round; 0 leaves it as it is.",
  ),
  finetuneBatch: integer(
    { value: 32, from: 1, to: 128 },
    "Fine-tuning batch",
    "Pictures in one step of the teacher's training.",
  ),
  finetuneRate: real(
    { value: 0.003, from: 0.00001, to: 0.1 },
    "Fine-tuning rate",
    "Step size of the teacher's training (Adam).",
  ),
  loraRank: integer(
    { value: 4, from: 1, to: 64 },
    "LoRA rank",
    "Size of the adapter that is trained in place of the teacher's own weights (r). Larger ones can learn more.",
  ),
  replayShare: real(
    { value: 0.5, from: 0, to: 1 },
    "Replay share",
    "Share of real public pictures among those that the teacher trains on, so that it does not drift from them; 0: none.",
  ),
  abTest: flag(
    { value: false },
    "A/B test of the teacher",
    "On: half of each set is painted by the teacher as it was before its last lesson, from the same prompts, and the lesson is undone if the clients prefer those pictures. Off, because it has little power: in a prototype its noise was as large as the differences that it has to tell apart, and half of each set is painted by an older teacher.",
  ),
  trialRounds: integer(
    { value: 3, from: 1, to: 20 },
    "Rounds of an A/B test",
    "How many of the latest rounds' comparisons the A/B test pools before it decides. More rounds: surer, and later.",
  ),
  qualityStop: flag(
    { value: false },
    "Stop on quality",
    "On: a lesson of the teacher is undone if its pictures end up much farther from real ones than the base's, or show much less of their variety, and after two such lessons in a row the teacher rests. It asks the judge that also scores the run, whose scores are then no longer quite impartial.",
  ),
  heldOutShare: real(
    { value: 0, from: 0, to: 0.5 },
    "Held-out prompts",
    "Share of the public prompts that no round paints or replays; how well the teacher obeys them is reported by itself. 0: none, and there is no such score.",
  ),
  promptDistribution: choice(
    { value: "uniform", options: ["uniform", "consensus"] },
    "Distribution of prompts",
    "Of which classes the teacher paints: of all alike (uniform), or more of those that the clients recognise less often in its last pictures (consensus).",
  ),
  replay: choice(
    { value: "agreed", options: ["agreed", "all"] },
    "Replayed pictures",
    "Which public pictures the teacher is reminded of: those in which the server's own small model, taught by the clients, sees what their caption says, or all.",
  ),
  evaluationItems: integer(
    { value: 64, from: 8, to: 1024 },
    "Evaluated pictures",
    "How many pictures the teacher paints to be scored after each round.",
  ),
};
