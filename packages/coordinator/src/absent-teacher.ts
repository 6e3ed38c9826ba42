import { TandemError } from "@tandem/core/errors";
import type { Teacher } from "@tandem/core/teacher";
import { u8 } from "@tandem/core/tensor";

const refuse = async (): Promise<never> => {
  throw new TandemError("not-supported", "The strategy has not declared that it needs a teacher.");
};

/** What strategies without a teacher are given, so that none has to be started for them. */
export const absentTeacher: Teacher = {
  publicSet: { images: u8([0, 0, 0, 3], []), prompts: [], captions: [], labels: [] },
  imageSize: 0,
  dimension: 0,
  abilities: { finetune: false, repeat: true },
  generate: refuse,
  finetune: refuse,
  encode: refuse,
  distil: refuse,
  evaluate: refuse,
  close: async () => {},
};
