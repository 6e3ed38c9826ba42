import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { scaleCommand } from "./command";
import {
  aboutConstant,
  constantNames,
  constantsOf,
  defaultConstants,
  readConstants,
} from "./constants";

it("a constant that a bench measures names the bench", () => {
  const benches = ["aggregation", "connections", "journey", "protocol", "teacher"];
  const named = constantNames
    .map(aboutConstant)
    .filter(([, , origin]) => origin === "bench")
    .map(([, , , source]) => source.split(":")[0]);
  expect([...new Set(named)].sort()).toEqual(benches);
});

it.each([
  ["a list", [], "are an object"],
  ["a name that is not there", { upload: 3 }, "no constant upload"],
  ["a text", { uploadMs: "3" }, 'uploadMs is "3"'],
  ["nothing where something is needed", { uploadMs: 0 }, "above 0"],
  ["less than nothing", { trainSeconds: -1 }, "from 0"],
  ["a share that leaves nothing", { dropOut: 1 }, "up to 0.9"],
])("%s is refused", (_, given, message) => {
  expect(() => constantsOf(given)).toThrow(message);
});

it("a file replaces what it names, and the command counts with it", async () => {
  const directory = await mkdtemp(join(tmpdir(), "tandem-scale-"));
  const [file, out] = [join(directory, "constants.json"), join(directory, "out.json")];
  try {
    await writeFile(file, '{ "uploadMs": 5, "trainSeconds": 0 }');
    expect(await readConstants(file)).toEqual({
      ...defaultConstants,
      uploadMs: 5,
      trainSeconds: 0,
    });
    await writeFile(out, "{");
    await expect(readConstants(out)).rejects.toThrow("is no JSON");
    const given = ["--clients", "1000", "--design", "one", "--cohort", "50", "--rounds", "2"];
    await scaleCommand().parseAsync([...given, "--constants", file, "--json", out], {
      from: "user",
    });
    const { default: report } = await import(out, { with: { type: "json" } });
    expect(report.constants.uploadMs).toBe(5);
    expect(report.studies).toMatchObject([
      { scenario: { clients: 1000, design: "one", nodes: 1 } },
    ]);
    expect(report.studies[0].costs.upload).toBeCloseTo(0.013);
  } finally {
    await rm(directory, { recursive: true });
  }
});

it.each([
  [["--clients", "1e10"], "give whole numbers"],
  [["--clients", "ten"], "give whole numbers"],
  [["--over-selection", "0.5"], "give a number from 1 to 10"],
  [["--cohort", "1e6"], "from 1 to 100000"],
])("%j is refused", async (given, message) => {
  const command = scaleCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  await expect(command.parseAsync(given, { from: "user" })).rejects.toThrow(message);
});
