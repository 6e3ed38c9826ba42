import type { TaskView } from "@tandem/protocol/view";
import type { Setting } from "../../lib/form/settings";
import { DatasetChoice } from "./dataset-choice";
import { FieldInput } from "./field-input";

type Props = {
  readonly settings: readonly Setting[];
  readonly tasks: readonly TaskView[];
  readonly className?: string;
};

/** The controls of some settings, in a grid. */
export function Fields({ settings, tasks, className = "sm:grid-cols-2 xl:grid-cols-3" }: Props) {
  return (
    <div className={`grid gap-x-6 gap-y-5 ${className}`}>
      {settings.map(({ field, path }) =>
        path === "experiment.dataset" ? (
          <DatasetChoice key={path} tasks={tasks} />
        ) : (
          <FieldInput key={path} field={field} path={path} />
        ),
      )}
    </div>
  );
}
