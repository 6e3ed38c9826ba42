import { TandemError } from "@tandem/core/errors";
import { describe, expect, it } from "vitest";
import { matchesTargets, targetModules } from "./targets";

describe("target modules", () => {
  it("are whole endings, or a regular expression for the whole name", () => {
    const endings = matchesTargets(["to_q", "to_out.0"]);
    expect(["a.to_q", "to_q", "a.to_out.0"].every(endings)).toBe(true);
    expect(["a.not_to_q", "a.to_q.b", "a.to_out"].some(endings)).toBe(false);
    const pattern = matchesTargets(String.raw`.*attn2\.to_[kv]|mid`);
    expect(["a.attn2.to_k", "mid"].every(pattern)).toBe(true);
    expect(["a.attn2.to_q", "a.attn2.to_k.b", "amid"].some(pattern)).toBe(false);
  });

  it("that match nothing or are no expression are refused", () => {
    expect(() => targetModules([["a.weight", { shape: [2, 2] }]], ["b"])).toThrow(/\["b"\]/);
    expect(() => targetModules([["a.weight", { shape: [2] }]], ["a"])).toThrow(TandemError);
    expect(() => matchesTargets("(")).toThrow(/no regular expression/);
  });
});
