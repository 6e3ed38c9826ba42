import type { AskModel } from "@tandem/client/own-model/ask-model";
import type { ModelInfo } from "@tandem/client/own-model/messages";
import type { ExportPlan } from "@tandem/export/model-to-take";
import { Download, Trash2 } from "lucide-react";
import { useEffect, useId } from "react";
import { aboutOf } from "../../lib/result/about";
import { saveFile } from "../../lib/result/save-file";
import { useWork } from "../../lib/result/use-work";
import { text } from "../../text/result";
import type { StudyPage } from "../join/study-page";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Panel } from "../ui/panel";
import { TakeAdapter } from "./take-adapter";
import { WorkState } from "./work-state";

const words = text.take;

/** The model as files, what the teacher has learned, and the end of the model here. */
export function TakeAlong({
  ask,
  info,
  study,
  occasion,
  onDelete,
}: {
  readonly ask: AskModel;
  readonly info: ModelInfo;
  readonly study: StudyPage;
  /** Looks again at what the teacher was taught when it changes. */
  readonly occasion: string;
  readonly onDelete: (() => void) | undefined;
}) {
  const { state, run, cancel } = useWork<void>();
  const { state: planning, run: look } = useWork<ExportPlan>();
  const size = useId();
  useEffect(() => look((options) => ask("plan", {}, options)), [ask, look]);
  const plan = planning.type === "done" ? planning.value : undefined;
  const save = () =>
    run(async (options) => {
      const about = await aboutOf(study, options.signal);
      const zip = await ask("export", { about }, options);
      saveFile(`${study.name}-model.zip`, zip, "application/zip");
    });
  return (
    <Panel
      title={words.title}
      description={words.about(
        plan?.holds === "head",
        plan?.withoutOnnx === undefined,
        info.modality !== "image",
      )}
      actions={
        onDelete && (
          <Confirm
            title={words.removeTitle}
            text={words.removeText}
            verb={words.removeVerb}
            onConfirm={onDelete}
          >
            <Button tone="bare">
              <Trash2 aria-hidden="true" /> {words.remove}
            </Button>
          </Confirm>
        )
      }
    >
      <Button
        tone="primary"
        onClick={save}
        disabled={state.type === "working"}
        aria-describedby={size}
      >
        <Download aria-hidden="true" /> {words.download}
      </Button>
      <p id={size} className="mt-2 min-h-5 max-w-prose text-xs text-ink-soft break-words">
        {plan && sizeText(plan)}
        {planning.type === "failed" && planning.message}
      </p>
      <div className="mt-4 empty:hidden">
        <WorkState state={state} what={words.writing} onCancel={cancel} />
      </div>
      {study.isTaught && <TakeAdapter study={study} occasion={occasion} />}
    </Panel>
  );
}

function sizeText({ bytes, holds, withoutOnnx }: ExportPlan): string {
  const head = holds === "head" ? words.head : "";
  const onnx = withoutOnnx === undefined ? "" : words.noOnnx(withoutOnnx);
  return words.size(bytes) + head + onnx;
}
