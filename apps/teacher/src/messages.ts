import { codeOf, type ErrorCode, messageOf, TandemError } from "@tandem/core/errors";
import type { PublicSet, TeacherAbilities } from "@tandem/core/teacher";
import type { TeacherOptions } from "./teacher";

export const jobs = ["generate", "finetune", "encode", "distil", "evaluate"] as const;
export type Job = (typeof jobs)[number];

/** The first message; what it fails of is answered as `failed` with id 0. */
export type Opening = { readonly type: "open"; readonly options: Partial<TeacherOptions> };

export type ToTeacher =
  | Opening
  | { readonly type: "job"; readonly id: number; readonly job: Job; readonly request: unknown }
  | { readonly type: "cancel"; readonly id: number };

export type FromTeacher =
  | {
      readonly type: "ready";
      readonly publicSet: PublicSet;
      readonly imageSize: number;
      readonly dimension: number;
      readonly abilities: TeacherAbilities;
    }
  | {
      readonly type: "progress";
      readonly id: number;
      readonly fraction: number;
      readonly note: string;
    }
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "done"; readonly id: number; readonly result: unknown }
  | ({ readonly type: "failed"; readonly id: number } & Failure);

/** An error on its way to another process. */
export type Failure = {
  readonly code?: ErrorCode;
  readonly message: string;
  readonly told?: string;
};

export function failureOf(error: unknown): Failure {
  const code = codeOf(error);
  const told = error instanceof TandemError ? error.told : undefined;
  return { ...(code && { code }), message: messageOf(error), ...(told && { told }) };
}

export const errorOf = ({ code, message, told }: Failure): Error =>
  code ? new TandemError(code, message, { told }) : new Error(message);
