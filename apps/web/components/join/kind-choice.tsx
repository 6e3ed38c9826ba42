"use client";

import type { ClientModality } from "@tandem/core/data";
import type { JoiningView } from "@tandem/protocol/view";
import { Segmented } from "../ui/segmented";

export type Choice = ClientModality | "any";

const kinds: Readonly<Record<Choice, string>> = {
  any: "Any",
  image: "Pictures",
  text: "Captions",
  "image-text": "Both",
};

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
    { value: "any", text: kinds.any },
    ...places.map(({ modality, free }) => ({
      value: modality,
      text: kinds[modality],
      note: free > 0 ? `${free} free` : "taken",
      disabled: free === 0,
    })),
  ];
  return <Segmented label="Train on" value={value} onChange={onChange} options={options} />;
}
