import type {
  BackboneReference,
  EncoderReference,
  PictureFormat,
  TaskTeacher,
} from "@tandem/core/task";
import type { TeachersView } from "@tandem/protocol/view";

export const formatText = ({ size, colour }: Omit<PictureFormat, "background">): string =>
  `${size} × ${size} pixels, ${colour ? "in colour" : "grey"}`;

export function backboneText(reference: BackboneReference | EncoderReference): string {
  const { features, size, layer } = reference;
  const text = `${features.toLocaleString("en")} features of ${size} × ${size} pixels${layer === undefined ? "" : `, layer ${layer}`}`;
  return "parameters" in reference
    ? `${text}; ${reference.parameters.toLocaleString("en")} of its numbers are trained`
    : text;
}

export const teacherText = (
  teacher: TaskTeacher,
  shipped: TeachersView["shipped"] = [],
): string => {
  if (teacher.kind === "shipped")
    return shipped.find(({ name }) => name === teacher.checkpoint)?.title ?? teacher.checkpoint;
  if (teacher.kind === "folder") return `Folder ${teacher.path}`;
  return { none: "None", remote: "Images API", trained: "Trained from the public set" }[
    teacher.kind
  ];
};
