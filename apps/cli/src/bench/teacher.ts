import { sizeOf } from "@tandem/core/tensor";
import { thisMachine } from "../harness/machine";
import { type Measure, openSubject } from "./subject";
import { takeTurns } from "./take-turns";
import type { TeacherJob, TeacherReport } from "./teacher-report";
import { startTorch } from "./torch";

export async function benchTeacher(
  job: TeacherJob,
  note: (text: string) => void,
): Promise<TeacherReport> {
  const measures: readonly {
    readonly measure: Measure;
    readonly name: string;
    readonly units: number;
    readonly unit: string;
  }[] = [
    { measure: "sampling", name: "sampling", units: job.images, unit: "images" },
    { measure: "training", name: "training", units: job.batch, unit: "samples" },
    { measure: "lora", name: "LoRA", units: 1, unit: `steps of ${job.loraBatch}` },
  ];
  note("opening the model");
  const subject = await openSubject(job);
  note("looking for PyTorch");
  const torch = await startTorch(job, subject);
  try {
    const measured: TeacherReport["measures"][number][] = [];
    for (const { measure, ...named } of measures) {
      const [ours, ...theirs] = await takeTurns(
        [
          { name: "here", run: subject.timed[measure] },
          ...(typeof torch === "string" ? [] : torch.timed(measure)),
        ],
        { seconds: job.seconds, note: (text) => note(`${named.name}: ${text}`) },
      );
      note(`${named.name}: profiling`);
      const shares = await subject.shares(measure);
      measured.push({ ...named, ours, torch: theirs, shares });
    }
    const { weights } = subject.model;
    return {
      machine: thisMachine(),
      job,
      parameters: Object.values(weights).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
      torch: typeof torch === "string" ? torch : torch.name,
      ...(typeof torch !== "string" && { disagreement: torch.disagreement }),
      measures: measured,
    };
  } finally {
    if (typeof torch !== "string") await torch.close();
    await subject.close();
  }
}
