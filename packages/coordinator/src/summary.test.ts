import { clientId } from "@tandem/core/ids";
import { expect, it } from "vitest";
import { MetricTable } from "./metric-table";
import type { Runtime } from "./runtime";
import { clientSummary } from "./summary";

it("recall is the mean over the clients that match pairs, accuracy over all, in each part too", () => {
  const own = [
    { accuracy: 0.2, "accuracy/part/noto": 0.1 },
    {
      accuracy: 0.4,
      "accuracy/part/noto": 0.3,
      "retrieval/rsum": 100,
      "retrieval/image-to-text/r1": 0.1,
    },
    { accuracy: 0.9, "retrieval/rsum": 300, "retrieval/image-to-text/r1": 0.5 },
  ];
  const ids = own.map((_, i) => clientId(`c${i}`));
  const runtime = {
    record: { config: { mostSamples: 200 } },
    state: { round: 2, answers: new Map(ids.map((id) => [id, ""])) },
    metrics: new MetricTable(own.map((metrics, i) => ({ round: 2, client: ids[i], metrics }))),
    clients: new Map(ids.map((id) => [id, { record: { id, modality: "image-text" } }])),
  } as unknown as Runtime; // what a summary reads of it
  expect(clientSummary(runtime)).toMatchObject({
    "accuracy/mean": expect.closeTo(0.5),
    "accuracy/part/noto": expect.closeTo(0.2),
    "retrieval/rsum": 200,
    "retrieval/image-to-text/r1": expect.closeTo(0.3),
  });
});
