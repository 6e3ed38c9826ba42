import type { ClientRecord, ExperimentRecord, RoundRecord } from "@tandem/core/experiment";
import { blobHash, clientId, experimentId } from "@tandem/core/ids";

/** Records that the tests of all drivers share. */
export const record = (id: string): ExperimentRecord => ({
  id: experimentId(id),
  config: {
    name: "Émoji 🙂",
    strategy: "fedmmkt",
    strategyConfig: { lambda: 0.5, nested: { list: [1, null, "x"] } },
    dataset: "emoji-style",
    rounds: 5,
    seed: 1,
    slots: 6,
    alpha: 0.5,
    missingClients: 0,
    missingSamples: 0,
    lateCaptions: 0,
    benchmark: "test",
    task: "classification",
    minClients: 2,
    quorum: 0.6,
    deadlineMs: 120_000,
    participation: 1,
    sampling: "random",
  },
  status: "draft",
  state: {},
  sequence: 0,
  createdAt: 1_700_000_000_000,
  updatedAt: 1_700_000_000_000,
});

export const event = (sequence: number) => ({
  sequence,
  at: 1_700_000_000_000 + sequence,
  event: { type: "ready", client: "ada", list: [sequence] },
});

export const ada: ClientRecord = {
  id: clientId("ada"),
  tokenHash: "0f",
  slot: 0,
  name: "Ada",
  modality: "image-text",
  architecture: "dual-cnn-bag",
  samples: 40,
  source: "noto",
  device: "webgpu",
  joinedAt: 1,
  leftAt: 2,
  bytesUp: 3,
  bytesDown: 4,
};

export const round: RoundRecord = {
  round: 1,
  phases: [{ phase: "recruiting", at: 1 }],
  endedAt: 9,
  cohort: [ada.id],
  uploads: 1,
  refused: 0,
  bytesUp: 10,
  bytesDown: 20,
  stateHash: blobHash("ab".repeat(32)),
};
