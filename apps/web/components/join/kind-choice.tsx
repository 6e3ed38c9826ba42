"use client";

import type { ClientModality } from "@tandem/core/data";
import type { JoiningView } from "@tandem/protocol/view";
import { text as words } from "../../text/kind-choice";
import { Segmented } from "../ui/segmented";

export type Choice = ClientModality | "any";

/** Which of the places somebody would have, where data are dealt. */
export function KindChoice({
  places,
  value,
  onChange,
}: {
  readonly places: JoiningView["places"];
  readonly value: Choice;
  readonly onChange: (choice: Choice) => void;
}) {
  const options: readonly { value: Choice; text: string; note?: string; disabled?: boolean }[] = [
    { value: "any", text: words.kinds.any },
    ...places.map(({ modality, free }) => ({
      value: modality,
      text: words.kinds[modality],
      note: free > 0 ? words.free(free) : words.taken,
      disabled: free === 0,
    })),
  ];
  return <Segmented label={words.label} value={value} onChange={onChange} options={options} />;
}
