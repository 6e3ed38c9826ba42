import { expect, it } from "vitest";
import { TandemError } from "./errors";
import { toldOf } from "./told-error";

const told = (message: string) => toldOf(new TandemError("corrupt", message)).message;

it("strangers learn neither where files lie nor what the server speaks to", () => {
  expect(told("/srv/data/blobs/ab/abc has changed; restore it")).toBe("… has changed; restore it");
  expect(told('no file "/home/Jane Doe/data/x/y.bin", put it there')).toBe(
    'no file "… …", put it there',
  );
  for (const place of [
    "https://teacher.internal/v1/images",
    "postgres://user:secret@db/x",
    "C:\\Users\\jane\\x.bin",
    "../data/blobs/x",
    "~/data/x",
    "db.internal:5432",
    "[::1]:5432",
    "10.0.0.5",
  ])
    expect(told(`${place} cannot be reached: (${place}).`), place).toBe(
      "… cannot be reached: (…).",
    );
});

it("what names no place stays as it is", () => {
  for (const text of [
    "there is no /api/experiments/x/y",
    'The metric "accuracy/part/noto" is 2, not between 0 and 1.',
    "Round 3 does not collect from this client now: wait for the next.",
    "must match pattern /^[^\\p{Cc}]*$/u, else the file is damaged",
    "use image/png or image/jpeg; at most 12:30",
  ])
    expect(toldOf(new TandemError("bad-data", text))).toEqual({ message: text, isWhole: true });
});

it("of what is meant for the log, and of what nobody expected, other words are told", () => {
  const error = new TandemError("unauthorised", "said: your key sk-1", { told: "It said no." });
  expect(toldOf(error)).toEqual({ message: "It said no.", isWhole: false });
  expect(toldOf(new Error("secret"))).toEqual({
    message: "Something broke inside.",
    isWhole: false,
  });
});
