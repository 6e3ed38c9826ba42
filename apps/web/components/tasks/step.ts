import type { BackboneView, TeachersView } from "@tandem/protocol/view";
import type { Draft } from "../../lib/tasks/draft";
import type { Source } from "../../lib/tasks/draft-of-task";
import type { SetField } from "../../lib/tasks/use-set";

/** What each screen of the form is given. */
export type StepProps = {
  readonly draft: Draft;
  readonly change: (changes: Partial<Draft>) => void;
  readonly sets: { readonly public: SetField; readonly test: SetField };
  readonly teachers: TeachersView;
  readonly backbones: readonly BackboneView[];
  readonly source: Source | undefined;
  /** Sets whose files a reload has lost. */
  readonly lost: readonly ("public" | "test")[];
};
