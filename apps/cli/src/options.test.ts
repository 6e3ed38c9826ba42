import { Command } from "commander";
import { expect, it } from "vitest";
import { fleetCommand } from "./fleet/command";
import { parseFaults } from "./fleet/faults";
import {
  amount,
  listOf,
  namesOf,
  natural,
  portNumber,
  positive,
  positiveShare,
  setting,
  share,
  smallerShare,
  whole,
} from "./options";
import { simulateCommand } from "./simulate/command";

it("numbers are decimal, and whole and in their range where they should be", () => {
  const odd = ["", " ", "x", "0x10", "Infinity", "NaN", "1,000", "1e999", "-1", "3 "];
  for (const parse of [natural, whole, portNumber, positive, amount, share, smallerShare]) {
    for (const text of odd) expect(() => parse(text), `"${text}"`).toThrow(/^give /);
  }
  for (const parse of [natural, whole, portNumber])
    for (const text of ["1.5", "1e-1"]) expect(() => parse(text)).toThrow(/^give /);
  for (const parse of [natural, portNumber, positive, positiveShare])
    expect(() => parse("0")).toThrow(/^give /);
  for (const parse of [share, smallerShare, positiveShare])
    expect(() => parse("1.1")).toThrow(/^give /);
  expect([natural("1e3"), whole("0"), amount("0.5"), listOf(whole)("1,2")]).toEqual([
    1000,
    0,
    0.5,
    [1, 2],
  ]);
  expect(() => listOf(whole)("1,,2")).toThrow(/whole number/);
});

it("a list of names has none that is empty", () => {
  expect(namesOf("to_q, to_out.0")).toEqual(["to_q", "to_out.0"]);
  for (const text of ["", " ", ",", "to_q,", ",to_q", "to_q,,to_k", "to_q, ,to_k"])
    expect(() => namesOf(text), `"${text}"`).toThrow(/none of them empty/);
});

const settingsOf = (...args: string[]) =>
  new Command("x")
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .option("--set <key=value...>", "", setting, {})
    .parse(args, { from: "user" })
    .opts().set;

it("a setting is a key and a value, once", () => {
  expect(settingsOf("--set", "epochs=2", "rate=1e-3", "--set", "a=true", "mode=joint")).toEqual({
    epochs: 2,
    rate: 0.001,
    a: true,
    mode: "joint",
  });
  for (const text of ["", "x", "x=", "x= ", "=1", " =1", "a=b=c", "a==1"])
    expect(() => settingsOf("--set", text), text).toThrow(/key=value/);
  for (const value of ["Infinity", "-Infinity", "NaN", "0x10", "0b1", "1e999", " 1"])
    expect(() => settingsOf("--set", `x=${value}`), value).toThrow(/no finite decimal/);
  expect(() => settingsOf("--set", "__proto__=1")).toThrow(/__proto__ is no name of a setting/);
  expect(() => settingsOf("--set", "x=1", "--set", "x=1")).toThrow(/x is given twice/);
});

it("a command refuses what it cannot read before it begins", async () => {
  const refused = async (command: Command, ...args: string[]) => {
    let said = "";
    const quiet = { writeErr: (text: string) => (said += text) };
    await command
      .exitOverride()
      .configureOutput(quiet)
      .parseAsync(args, { from: "user" })
      .catch(() => {});
    return said;
  };
  const dataset = ["emoji-style", "--out", "/nowhere"];
  const simulate = (...more: string[]) => refused(simulateCommand(), ...dataset, ...more);
  expect(await simulate("--rounds", "0x2")).toMatch(/--rounds .*whole number/);
  expect(await simulate("--config", "alpha=")).toMatch(/--config .*key=value/);
  expect(await simulate("--faults", "drop:0.1", "drop:0.2")).toMatch(/drop is given twice/);
  const fleet = ["http://localhost:1", "--experiment", "a", "--backend", "gpu"];
  expect(await refused(fleetCommand(), ...fleet)).toMatch(/--backend .*Allowed choices/);
  for (const text of ["drop:0x1", "drop:", "drop:0.1:2"])
    expect(() => parseFaults([text])).toThrow(/is none/);
  expect(() => parseFaults(["drop:0.1", "drop:0.2"])).toThrow(/drop is given twice/);
});
