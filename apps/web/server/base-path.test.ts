import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { basePathOf, withoutBase } from "./base-path";

test("what a public address has before every path is taken off, where a proxy has left it on", () => {
  expect(basePathOf(undefined)).toBe("");
  expect(basePathOf(new URL("https://a.example/"))).toBe("");
  expect(basePathOf(new URL("https://a.example/lab/tandem/"))).toBe("/lab/tandem");
  const asked = (url: string, base = "/tandem") => {
    const request = { url } as IncomingMessage;
    withoutBase(request, base);
    return request.url;
  };
  expect(asked("/tandem")).toBe("/");
  expect(asked("/tandem?a=b")).toBe("/?a=b");
  expect(asked("/tandem/api/tasks?a=b")).toBe("/api/tasks?a=b");
  expect(asked("/tandems/x")).toBe("/tandems/x");
  expect(asked("/api/tasks")).toBe("/api/tasks");
  expect(asked("/tandem/x", "")).toBe("/tandem/x");
});
