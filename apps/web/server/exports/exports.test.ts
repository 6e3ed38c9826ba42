import { begin, createWorld, experiment } from "@tandem/coordinator/testing/world";
import type { ExperimentId } from "@tandem/core/ids";
import { unzipSync } from "fflate";
import papa from "papaparse";
import { expect, it } from "vitest";
import { eventFile } from "./event-file";
import { readEvents } from "./testing/read-events";
import { servedExports } from "./testing/served-exports";

/** Written by TensorBoard 2.21.0's own `RecordWriter`, of the messages that the test below makes. */
const byTensorBoard =
  "GAAAAAAAAACjf0siCQAAEED8VNlBGg1icmFpbi5FdmVudDoyM40v6TwAAAAAAAAAyLejUgkAABBA/FTZQSoxCi8KFXNldHRpbmdzL3RleHRfc3VtbWFyeUIMCAcSBBICCAFCAnt9SggKBgoEdGV4dEbWz6MwAAAAAAAAAJX10F8JAABgQPxU2UEQASojChQKDWFjY3VyYWN5L21lYW4VAACAPgoLCgRsb3NzFQAAwH/HLwr2JwAAAAAAAAC74bFGCQAAoED8VNlBEKwCKhkKCwoEemVybxUAAAAACgoKA2xvdxUAAID/epUMkg==";

it("event files are TensorBoard's, byte by byte", () => {
  const bytes = eventFile({
    startedAt: 1_700_000_000_250,
    text: { tag: "settings/text_summary", value: "{}" },
    points: [
      {
        step: 1,
        wallTime: 1_700_000_001_500,
        scalars: [
          ["accuracy/mean", 0.25],
          ["loss", Number.NaN],
        ],
      },
      {
        step: 300,
        wallTime: 1_700_000_002_500,
        scalars: [
          ["zero", 0],
          ["low", Number.NEGATIVE_INFINITY],
        ],
      },
    ],
  });
  expect(Buffer.from(bytes).toString("base64")).toBe(byTensorBoard);
});

/** Three clients through three rounds, and a draft beside them. */
async function ran() {
  const world = createWorld();
  const three = [undefined, undefined, undefined];
  const { coordinator, id, ended } = await begin(world, three, { name: "Früchte: first" });
  await ended();
  const draft = (await coordinator.create(experiment())).id;
  const rest = await servedExports(world, { coordinator });
  const path = (of: ExperimentId, query: string) => `experiments/${of}/export?${query}`;
  const text = async (query: string) => (await rest.ask("GET", path(id, query))).text();
  return { ...world, id, draft, rest, path, text };
}

it("CSV has a row for each round, client and metric, or a column for each metric", async () => {
  const { rest, id, path, text, store } = await ran();
  const response = await rest.ask("GET", path(id, "format=csv"));
  expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  const saved = `filename*=UTF-8''${encodeURIComponent(`Früchte-first-${id}.csv`)}`;
  expect(response.headers.get("content-disposition")).toContain(saved);
  const long = papa.parse<Record<string, string>>(await response.text(), { header: true });
  expect(long.errors.filter(({ code }) => code !== "TooFewFields")).toEqual([]);
  const rows = long.data.filter(({ metric }) => metric !== undefined);
  const records = await store.metrics(id);
  for (const { round, client = "", metrics } of records)
    for (const [metric, value] of Object.entries(metrics))
      expect(rows).toContainEqual({
        ...{ round: `${round}`, client, metric, value: `${value}` },
        place: client === "" ? "" : expect.stringMatching(/^[123]$/),
      });
  const counts = 5;
  const measured = records.flatMap(({ metrics }) => Object.keys(metrics)).length;
  expect(rows).toHaveLength(measured + 3 * counts);

  const wide = papa.parse<Record<string, string>>(await text("format=csv&layout=wide"), {
    header: true,
    skipEmptyLines: true,
  });
  expect(wide.errors).toEqual([]);
  expect(wide.data.map(({ round, place }) => `${round}/${place}`)).toEqual(
    [1, 2, 3].flatMap((round) => ["", 1, 2, 3].map((place) => `${round}/${place}`)),
  );
  expect(wide.data[1]).toMatchObject({ accuracy: "0.1", "round/uploads": "" });
  expect(wide.data[0]).toMatchObject({ accuracy: "", "round/uploads": "3", sum: "6" });
});

it("JSON lines tell of a round, then of each answer to it", async () => {
  const { text } = await ran();
  const lines = (await text("format=jsonl"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ kind, round }) => `${kind} ${round}`)).toEqual(
    [1, 2, 3].flatMap((round) =>
      ["round", "client", "client", "client"].map((k) => `${k} ${round}`),
    ),
  );
  expect(lines[0]).toMatchObject({ metrics: { sum: 6, "accuracy/mean": expect.closeTo(0.2) } });
  expect(lines[2]).toMatchObject({
    ...{ client: "p0001", place: 2, modality: "text", architecture: "any", samples: 10 },
    metrics: { accuracy: 0.2 },
  });
});

it("event files have a run for the rounds and one for each client", async () => {
  const { rest, id, path, store } = await ran();
  const response = await rest.ask("GET", path(id, "format=tensorboard"));
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
  const runs = new Map(Object.entries(files).map(([name, bytes]) => [name, readEvents(bytes)]));
  const folders = [...runs.keys()].map((name) =>
    name.replace(/\/events\.out\.tfevents\.\d+\.tandem$/, ""),
  );
  expect(folders).toEqual(["rounds", "clients/p0000", "clients/p0001", "clients/p0002"]);
  const [rounds, , second] = [...runs.values()];
  expect(rounds[0]).toMatchObject({ version: "brain.Event:2", step: 0 });
  expect(rounds[1].texts["settings/text_summary"]).toContain('"name": "Früchte: first"');
  const ends = (await store.rounds(id)).map(({ endedAt = 0 }) => endedAt / 1000);
  expect(rounds.slice(2).map(({ step, wallTime }) => [step, wallTime])).toEqual(
    ends.map((end, i) => [i + 1, end]),
  );
  expect(rounds[2].scalars).toMatchObject({ sum: 6, "round/uploads": 3 });
  expect(second.slice(1).map(({ scalars }) => scalars)).toEqual(
    [1, 2, 3].map(() => ({ accuracy: Math.fround(0.2) })),
  );
  const [bytes] = Object.values(files);
  expect(() => readEvents(bytes.with(40, bytes[40] ^ 1))).toThrow(/checksum/);
});

it("an experiment without metrics says so, and so does a format that there is not", async () => {
  const { rest, id, draft, path } = await ran();
  for (const format of ["csv", "jsonl", "tensorboard"])
    expect(await rest.refusal("GET", path(draft, `format=${format}`))).toBe(
      "404 not-found “Test” has no metrics yet: there are some once its first round has ended.",
    );
  expect(await rest.refusal("GET", path(id, "format=xlsx"))).toMatch(
    /^400 bad-config format: .*"csv"/,
  );
  expect(await rest.refusal("GET", path(id, ""))).toMatch(/^400 bad-config format: /);
  expect(await rest.refusal("GET", path(id, "format=jsonl&layout=wide"))).toMatch(
    /only CSV has one/,
  );
  expect(await rest.refusal("GET", "experiments/none/export?format=csv")).toMatch(/^404 not-found/);
});
