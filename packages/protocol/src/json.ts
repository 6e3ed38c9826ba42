import type { Json, JsonObject } from "@tandem/core/json";
import * as z from "zod/mini";
import { isText } from "./text";

const depthLimit = 16;

function isJson(value: unknown, depth = 0): value is Json {
  if (value === null || typeof value === "boolean") return true;
  if (typeof value === "string") return isText(value);
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || depth >= depthLimit) return false;
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.entries(value).every(
    ([key, item]) => key !== "__proto__" && isText(key) && isJson(item, depth + 1),
  );
}

/** A plain JSON object of finite numbers, at most 16 levels deep. */
export const jsonObject = z.custom<JsonObject>(
  (value) => isJson(value) && typeof value === "object" && value !== null && !Array.isArray(value),
  "must be a plain JSON object",
);
