import { choice, integer, real } from "../config-fields";

/** How FedMMKT's teacher paints, learns and is watched: docs/algorithm.md A2, A7, A8. */
export const teacherFields = {
  critics: choice(
    { value: "clients", options: ["clients", "server", "random", "none"] },
    "Critics",
    "Who tells the teacher how much its pictures look like the clients' own: small critics that tabs with pictures train in each round (clients); as controls, one critic that the server trains on public pictures alone (server), or the clients' critics with their answers shuffled among the pictures (random); or nobody, and the teacher learns from pictures whose class the clients agree on (none).",
  ),
  candidates: integer(
    { value: 4, from: 1, to: 16 },
    "Candidates",
    "How many pictures the teacher paints for each one that it publishes, once critics have taught it. The more a picture looks like the clients' own, the likelier it is to be published. More candidates: sets closer to the clients' own, slower rounds. 1: every picture is published.",
  ),
  selection: choice(
    { value: "consensus", options: ["consensus", "random", "student"] },
    "Selection",
    "Which pictures the teacher learns from where there are no critics: those that the clients agree on; or, as controls, as many random ones (random), or those that the server's own small model prefers, taught by public samples alone (student).",
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
  replayShare: real(
    { value: 0.5, from: 0, to: 1 },
    "Replay share",
    "Share of real public pictures among those that the teacher trains on, so that it does not drift from them; 0: none.",
  ),
  evaluationItems: integer(
    { value: 64, from: 8, to: 1024 },
    "Evaluated pictures",
    "How many pictures the teacher paints to be scored after each round.",
  ),
};
