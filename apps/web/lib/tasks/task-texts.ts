import type {
  BackboneReference,
  EncoderReference,
  PictureFormat,
  TaskTeacher,
} from "@tandem/core/task";
import type { TeachersView } from "@tandem/protocol/view";
import { text } from "../../text/tasks";

export const formatText = ({ size, colour }: Omit<PictureFormat, "background">): string =>
  text.facts.format(size, colour);

export function backboneText(reference: BackboneReference | EncoderReference): string {
  const features = text.facts.features(reference.features, reference.size, reference.layer);
  return "parameters" in reference ? text.facts.trained(features, reference.parameters) : features;
}

export const teacherText = (
  teacher: TaskTeacher,
  shipped: TeachersView["shipped"] = [],
): string => {
  if (teacher.kind === "shipped")
    return shipped.find(({ name }) => name === teacher.checkpoint)?.title ?? teacher.checkpoint;
  if (teacher.kind === "folder") return text.facts.folder(teacher.path);
  return text.facts.teachers[teacher.kind];
};
