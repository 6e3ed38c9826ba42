import type { AskModel } from "@tandem/client/own-model/ask-model";
import type { ModelInfo } from "@tandem/client/own-model/messages";
import { Download, Trash2 } from "lucide-react";
import Link from "next/link";
import { aboutOf } from "../../lib/result/about";
import { saveFile } from "../../lib/result/save-file";
import { useWork } from "../../lib/result/use-work";
import type { StudyPage } from "../join/study-page";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Panel } from "../ui/panel";
import { WorkState } from "./work-state";

/** The model as files, and the end of it here. */
export function TakeAlong({
  ask,
  info,
  study,
  onDelete,
}: {
  readonly ask: AskModel;
  readonly info: ModelInfo;
  readonly study: StudyPage;
  readonly onDelete: (() => void) | undefined;
}) {
  const { state, run, cancel } = useWork<void>();
  const save = () =>
    run(async (options) => {
      const { pictures: _, ...about } = await aboutOf(study, options.signal);
      const zip = await ask("export", { about }, options);
      saveFile(`${study.name}-model.zip`, zip, "application/zip");
    });
  return (
    <Panel
      title="Take it along"
      description={`A zip with the model for TensorFlow.js and ONNX, its weights, ${info.modality === "image" ? "its classes" : "its classes and words"}, and a card that says how well it does and how to load it.`}
    >
      <div className="flex flex-wrap items-center gap-2">
        <Button tone="primary" onClick={save} disabled={state.type === "working"}>
          <Download aria-hidden="true" /> Download your model
        </Button>
        {study.hasTeacher && (
          <Button asChild tone="bare">
            <Link href={`/experiments/${study.id}`}>The teacher's adapter</Link>
          </Button>
        )}
        {onDelete && (
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
        )}
      </div>
      <div className="mt-4 empty:hidden">
        <WorkState state={state} what="Writing the files" onCancel={cancel} />
      </div>
    </Panel>
  );
}
