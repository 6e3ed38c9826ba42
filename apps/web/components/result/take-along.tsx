import type { AskModel } from "@tandem/client/own-model/ask-model";
import type { ModelInfo } from "@tandem/client/own-model/messages";
import { formatBytes } from "@tandem/core/format";
import type { ExportPlan } from "@tandem/export/model-to-take";
import { Download, Trash2 } from "lucide-react";
import { useEffect, useId } from "react";
import { aboutOf } from "../../lib/result/about";
import { saveFile } from "../../lib/result/save-file";
import { useWork } from "../../lib/result/use-work";
import type { StudyPage } from "../join/study-page";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Panel } from "../ui/panel";
import { TakeAdapter } from "./take-adapter";
import { WorkState } from "./work-state";

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
  const words = info.modality === "image" ? "its classes" : "its classes and words";
  return (
    <Panel
      title="Take it along"
      description={`A zip with ${plan?.holds === "head" ? "the head that you have trained" : "the model"} for TensorFlow.js${plan?.withoutOnnx === undefined ? " and ONNX" : ""}, its weights, ${words}, and a card that says how well it does and how to load it.`}
      actions={
        onDelete && (
          <Confirm
            title="Delete your model?"
            text="What it has learned is removed from this browser, and nobody else has it. The zip that you have downloaded stays."
            verb="Delete"
            onConfirm={onDelete}
          >
            <Button tone="bare">
              <Trash2 aria-hidden="true" /> Delete it
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
        <Download aria-hidden="true" /> Download your model
      </Button>
      <p id={size} className="mt-2 min-h-5 max-w-prose text-xs text-ink-soft break-words">
        {plan && sizeText(plan)}
        {planning.type === "failed" && planning.message}
      </p>
      <div className="mt-4 empty:hidden">
        <WorkState state={state} what="Writing the files" onCancel={cancel} />
      </div>
      {study.isTaught && <TakeAdapter study={study} occasion={occasion} />}
    </Panel>
  );
}

function sizeText({ bytes, holds, withoutOnnx }: ExportPlan): string {
  const head =
    holds === "head"
      ? " The study's backbone is a graph, which is not copied: the card says which one goes before the head."
      : "";
  const onnx = withoutOnnx === undefined ? "" : ` There is no ONNX file in it. ${withoutOnnx}`;
  return `About ${formatBytes(bytes)}.${head}${onnx}`;
}
