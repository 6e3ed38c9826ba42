import { experimentConfig } from "@tandem/protocol/experiment-config";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { ownFields } from "./experiment-form";
import { readFields } from "./read-fields";
import { fieldsOf, initialValues } from "./schema-fields";

const schema = z.strictObject({
  learningRate: z._default(z.number().check(z.gt(0), z.lt(1)), 0.001),
  epochs: z._default(z.int().check(z.minimum(1), z.maximum(20)), 2),
  gate: z._default(z.boolean(), true),
  pool: z._default(z.enum(["joint", "separate"]), "joint"),
  lora: z._default(z.strictObject({ rank: z._default(z.int().check(z.minimum(1)), 4) }), {
    rank: 4,
  }),
  widths: z._default(z.array(z.int()), [8, 16]),
  label: z.string().check(z.maxLength(5)),
});
const fields = fieldsOf(z.toJSONSchema(schema, { io: "input" }));
const filled = { ...initialValues(fields), label: "a" };

describe("a form made from a schema", () => {
  it("has one field for each property", () => {
    expect(fields.map(({ name, title, kind }) => [name, title, kind])).toEqual([
      ["learningRate", "Learning rate", "number"],
      ["epochs", "Epochs", "number"],
      ["gate", "Gate", "boolean"],
      ["pool", "Pool", "choice"],
      ["lora", "Lora", "group"],
      ["widths", "Widths", "json"],
      ["label", "Label", "text"],
    ]);
  });

  it("left alone gives what the schema gives by itself", () => {
    const { value, errors } = readFields(fields, filled);
    expect(errors).toEqual([]);
    expect(schema.parse(value)).toEqual(schema.parse({ label: "a" }));
  });

  it("emptied falls back to the defaults, and asks for what has none", () => {
    const { value, errors } = readFields(fields, { ...filled, epochs: " ", label: "" });
    expect(schema.parse({ ...value, label: "a" }).epochs).toBe(2);
    expect(errors).toEqual([{ path: "label", message: "Enter a value for “Label”." }]);
  });

  it("refuses exactly what the schema refuses, with a reason at the field", () => {
    const cases = [
      [{ learningRate: "0" }, "learningRate", "Must be more than 0."],
      [{ learningRate: "1" }, "learningRate", "Must be less than 1."],
      [{ learningRate: "fast" }, "learningRate", "“fast” is not a number."],
      [{ epochs: "0" }, "epochs", "Must be at least 1."],
      [{ epochs: "21" }, "epochs", "Must be at most 20."],
      [{ epochs: "1.5" }, "epochs", "Enter a whole number."],
      [{ lora: { rank: "0" } }, "lora.rank", "Must be at least 1."],
      [{ pool: "none" }, "pool", "Choose one of joint, separate."],
      [{ widths: "[8," }, "widths", "Enter valid JSON, for example [1, 2] or null."],
      [{ label: "abcdefg" }, "label", "Shorten by 2 to at most 5 characters."],
    ] as const;
    for (const [change, path, message] of cases)
      expect(readFields(fields, { ...filled, ...change }).errors).toEqual([{ path, message }]);
  });

  it("shows and reads milliseconds as seconds, and says the limits so", () => {
    const duration = z.int().check(z.minimum(1000), z.maximum(60_000));
    const own = fieldsOf(
      z.toJSONSchema(z.object({ waitMs: z._default(duration, 2500) }), { io: "input" }),
    );
    expect(initialValues(own)).toEqual({ waitMs: "2.5" });
    expect(readFields(own, { waitMs: "1.1" }).value).toEqual({ waitMs: 1100 });
    // As 1125 ms would be shown.
    expect(readFields(own, { waitMs: "1.125" }).value).toEqual({ waitMs: 1125 });
    const refusal = (waitMs: string) => readFields(own, { waitMs }).errors[0]?.message;
    expect(["0.5", "61", "1.0005", "soon"].map(refusal)).toEqual([
      "Must be at least 1 s.",
      "Must be at most 60 s.",
      "Three decimals at most.",
      "“soon” is not a number.",
    ]);
  });

  it("reads a decimal comma", () => {
    expect(readFields(fields, { ...filled, learningRate: "0,01" }).value.learningRate).toBe(0.01);
  });

  it("never takes a thousand for one", () => {
    const own = fieldsOf(z.toJSONSchema(z.object({ x: z.number(), n: z.int() }), { io: "input" }));
    const read = (x: string, n: string) => {
      const { value, errors } = readFields(own, { x, n });
      return { ...value, refused: errors.map(({ path }) => path) };
    };
    expect(read("0,125", "1000")).toEqual({ x: 0.125, n: 1000, refused: [] });
    expect(read("1.250", "1e3")).toEqual({ x: 1.25, n: 1000, refused: [] });
    for (const text of ["1,000", "12,500", "1,000,000", "01,000", "1,0000", "1,00", "1,00e3"])
      expect(read(text, text)).toEqual({ refused: ["x", "n"] });
    for (const text of ["1.000", "01.000", "1.0000", "1.000e0"])
      expect(read("1", text)).toEqual({ x: 1, refused: ["n"] });
    for (const text of ["0,50", ",5", "00,500"])
      expect(read(text, "1")).toEqual({ x: 0.5, n: 1, refused: [] });
    expect(read("-12,5", "1")).toEqual({ x: -12.5, n: 1, refused: [] });
    for (const text of ["0x10", "Infinity", "1,000e999", "1 000", "1'000", "1.000,5", "1,000.5"])
      expect(read(text, text)).toEqual({ refused: ["x", "n"] });
  });

  it("says what to write for a number that can be read in two ways", () => {
    const own = fieldsOf(z.toJSONSchema(z.object({ x: z.number(), n: z.int() }), { io: "input" }));
    const said = (text: string) =>
      readFields(own, { x: text, n: text }).errors.map(({ message }) => message);
    const both = (text: string, ways: string) =>
      `“${text}” can be read in two ways: write ${ways}.`;
    expect(said("1,00")).toEqual(Array(2).fill(both("1,00", "1 or 100")));
    expect(said("01,000")).toEqual(Array(2).fill(both("01,000", "1 or 1000")));
    const whole = "Write 12500, without separators.";
    expect(said("12,500")).toEqual([both("12,500", "12.5 or 12500"), whole]);
    expect(said("1,000e999")).toEqual(Array(2).fill("“1,000e999” is not a number."));
    expect(said("1,000.5")).toEqual(Array(2).fill("“1,000.5” is not a number."));
  });

  it("covers the experiment's own schema", () => {
    const own = ownFields(
      z.toJSONSchema(experimentConfig, { io: "input", unrepresentable: "any" }),
      "dealt",
    );
    const { value, errors } = readFields(own, { ...initialValues(own), name: "Emoji" });
    expect(errors).toEqual([]);
    expect(experimentConfig.parse(value)).toEqual(experimentConfig.parse({ name: "Emoji" }));
  });
});
