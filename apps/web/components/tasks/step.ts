import type { BackboneView, TeachersView } from "@tandem/protocol/view";
import type { Draft } from "../../lib/tasks/draft";
import type { SetChoice } from "../../lib/tasks/use-set";

/** What each screen of the form is given. */
export type StepProps = {
  readonly draft: Draft;
  readonly change: (changes: Partial<Draft>) => void;
  readonly sets: { readonly public: SetChoice; readonly test: SetChoice };
  readonly teachers: TeachersView;
  readonly backbones: readonly BackboneView[];
  /** Sets whose files a reload has lost. */
  readonly lost: readonly ("public" | "test")[];
};
