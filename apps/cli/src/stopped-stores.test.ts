import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultDataFolder } from "@tandem/storage/make-folder";
import { expect, onTestFinished, test, vi } from "vitest";
import { accountCommand } from "./account";
import { doctorCommand } from "./doctor/command";
import { requireOwner } from "./stopped-stores";
import { storeCommand } from "./store";
import { typed } from "./testing/typed";

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "tandem-stopped-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

test("of a folder that is no server's there is neither a backup nor anything to delete", async () => {
  const data = await folder();
  const out = join(data, "out");
  for (const args of [["backup", "--out", out], ["gc"]])
    await expect(typed(storeCommand(), ...args, "--data", data)).rejects.toThrow(
      /holds no server's records: .*TANDEM_DATABASE_URL/,
    );
  expect(await readdir(data)).toEqual([]);
  const mistyped = join(data, "mistyped");
  for (const args of [["backup", "--out", out], ["gc"]])
    await expect(typed(storeCommand(), ...args, "--data", mistyped)).rejects.toThrow(
      `${mistyped} does not exist: give the folder that the server has as --data`,
    );
  expect(await readdir(data)).toEqual([]);
});

test("commands look where the server keeps its data, unless told otherwise", () => {
  const subcommands = [storeCommand(), accountCommand()].flatMap(({ commands }) => commands);
  const defaults = [...subcommands, doctorCommand()].map(
    ({ options }) => options.find(({ long }) => long === "--data")?.defaultValue,
  );
  expect(defaults).toEqual(defaults.map(() => defaultDataFolder));
});

test("root is told to be the user that has the folder", async () => {
  const data = await folder();
  if (process.getuid?.() === 0) await chown(data, 65_534, 65_534);
  const user = vi.spyOn(process, "getuid").mockReturnValue(0);
  onTestFinished(() => user.mockRestore());
  await expect(requireOwner(data)).rejects.toThrow(/belongs to user \d+, .*sudo -u/);
  await expect(requireOwner(join(data, "new"))).resolves.toBeUndefined();
  user.mockReturnValue(65_534);
  await expect(requireOwner(data)).resolves.toBeUndefined();
});
