import { readdir } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { codeOf, messageOf, TandemError } from "@tandem/core/errors";
import type { Task, TaskTeacher } from "@tandem/core/task";
import { readModelSize } from "@tandem/diffusion/diffusion-model";
import { type Environment, remotePainter } from "./remote";
import { shippedFolder } from "./shipped-bases";

/** Of a task what its teacher is looked at for. */
export type Painted = Pick<Task, "name" | "teacher" | "pictures">;

/** Where its model lies, if it is one of this machine's; `trained`: the base made from the public set. */
export const folderOfTeacher = (teacher: TaskTeacher, trained?: string): string | undefined => {
  if (teacher.kind === "trained") return trained;
  if (teacher.kind === "shipped") return join(shippedFolder, teacher.checkpoint);
  return teacher.kind === "folder" ? teacher.path : undefined;
};

export const wrongSize = (
  { name, pictures: { size } }: Pick<Task, "name" | "pictures">,
  painted: readonly number[],
) =>
  new TandemError(
    "bad-config",
    `teacher: it paints ${painted.join(" x ")} pixels, and the pictures of “${name}” have ${size} x ${size}: choose another teacher, or pictures of ${painted[0]}`,
  );

export const noTeacher = ({ name, teacher }: Pick<Task, "name" | "teacher">): TandemError => {
  if (teacher.kind === "remote")
    return new TandemError(
      "bad-config",
      `teacher: that of “${name}” is an images API, and this server knows none: set TANDEM_TEACHER_URL, TANDEM_TEACHER_MODEL and TANDEM_TEACHER_KEY`,
    );
  return teacher.kind === "trained"
    ? new TandemError(
        "bad-config",
        `teacher: “${name}” has no base of its own yet: choose another teacher or none, train one from the public set, and choose it then`,
      )
    : new TandemError(
        "not-supported",
        `teacher: “${name}” has none: give it one, or choose a strategy that needs none`,
      );
};

/** Throws `bad-config` for what is no folder of `public/teacher`, with those that are. */
export async function requireShipped(checkpoint: string, field: string): Promise<void> {
  const names = await readdir(shippedFolder);
  if (names.includes(checkpoint)) return;
  throw new TandemError(
    "bad-config",
    `${field}: there is no base ${checkpoint}: use one of ${names.sort().join(", ")}`,
  );
}

/**
 * Looks at the configuration of a task's teacher, not at its weights. Throws `bad-config` or
 * `not-supported` for one that is not there, is no model, or paints in another size.
 */
export async function checkTeacher(task: Painted, environment: Environment): Promise<void> {
  const { teacher, pictures } = task;
  if (teacher.kind === "none") return;
  if (teacher.kind === "shipped") await requireShipped(teacher.checkpoint, "teacher");
  if (teacher.kind === "folder" && !isAbsolute(teacher.path))
    throw new TandemError("bad-config", `teacher: ${teacher.path}: write the whole path, from /`);
  const directory = folderOfTeacher(teacher);
  if (directory === undefined) {
    if (teacher.kind === "remote" && remotePainter(environment, pictures.size)) return;
    throw noTeacher(task);
  }
  const painted = await readModelSize(directory).catch((cause: unknown) => {
    if (codeOf(cause) === undefined) throw cause;
    throw new TandemError("bad-config", `teacher: ${messageOf(cause)}`, { cause });
  });
  if (painted.some((side) => side !== pictures.size)) throw wrongSize(task, painted);
}
