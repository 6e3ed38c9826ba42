import { type Phase, phases } from "./experiment";

type PhaseText = {
  readonly label: string;
  /** What is happening, for people. */
  readonly doing: string;
  /** Whose work it is; it decides the colour. */
  readonly side: "clients" | "server";
};

/** Without a teacher nothing is painted and nobody is fine-tuned. */
export const phasesShown = (usesTeacher: boolean): readonly Phase[] =>
  phases.filter((phase) => usesTeacher || (phase !== "generating" && phase !== "teaching"));

export const phaseText: Readonly<Record<Phase, PhaseText>> = {
  recruiting: { label: "Recruit", doing: "Waiting for clients", side: "clients" },
  generating: { label: "Paint", doing: "The teacher paints the synthetic set", side: "server" },
  publishing: { label: "Publish", doing: "Instructions go out", side: "server" },
  collecting: { label: "Learn", doing: "Clients train and answer", side: "clients" },
  aggregating: { label: "Fuse", doing: "Answers are fused", side: "server" },
  teaching: { label: "Teach", doing: "The teacher is fine-tuned", side: "server" },
  evaluating: { label: "Score", doing: "Teacher and clients are scored", side: "server" },
};
