import type { ExperimentView } from "@tandem/protocol/view";
import { text } from "../../text/experiment";
import { Controls } from "./controls";

/** What can be done with an experiment. */
export const ExperimentActions = ({ view }: { readonly view: ExperimentView }) => (
  <section aria-label={text.actions} className="flex flex-wrap items-center gap-2">
    <Controls view={view} />
  </section>
);
