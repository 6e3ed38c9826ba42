import type { ErrorCode } from "@tandem/core/errors";
import type * as z from "zod/mini";
import type { access } from "../access";
import type { AnswerName } from "./views";

export type RouteName = keyof (typeof access)["routes"];

/** What is sent back when all went well. */
export type Answer =
  | { readonly status: number; readonly schema: AnswerName; readonly isList?: true }
  /** A file, or plain JSON. */
  | { readonly status: number; readonly type: string; readonly schema?: z.ZodMiniType }
  | { readonly status: 204 };

/** What the reference says of a route beside who may use it, which `access.ts` knows. */
export type Described = {
  /** What it does, as one begins a sentence about a command. */
  readonly summary: string;
  readonly about?: string;
  /** Parameters behind the question mark. */
  readonly query?: z.ZodMiniType;
  /** JSON, or a zip. */
  readonly body?: z.ZodMiniType | "zip";
  readonly answer: Answer;
  /** Beside those that follow from who may use it, the path and the body. */
  readonly errors?: readonly ErrorCode[];
};

export const one = (schema: AnswerName, status = 200): Answer => ({ status, schema });
export const list = (schema: AnswerName, status = 200): Answer => ({
  ...{ status, schema },
  isList: true,
});
export const media = (type: string): Answer => ({ status: 200, type });
export const plain = (schema: z.ZodMiniType, status = 200): Answer => ({
  ...{ status, schema },
  type: "application/json",
});
export const nothing: Answer = { status: 204 };
export const png = media("image/png");
export const zip = media("application/zip");
