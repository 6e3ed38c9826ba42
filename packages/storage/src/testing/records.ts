import type {
  ApplicantRecord,
  ClientRecord,
  ExperimentRecord,
  InvitationRecord,
  RoundRecord,
} from "@tandem/core/experiment";
import { blobHash, clientId, experimentId } from "@tandem/core/ids";
import type { TaskRecord } from "@tandem/core/task";

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
    mostSamples: 200,
    admission: "open",
    retentionDays: 30,
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
  tags: ["Skew", "α 0.1 🙂"],
  note: "Why **is** it so?\n",
  group: null,
  archived: false,
});

export const event = (sequence: number) => ({
  sequence,
  at: 1_700_000_000_000 + sequence,
  event: { type: "ready", client: "ada", list: [sequence] },
});

export const ada: ClientRecord = {
  id: clientId("ada"),
  tokenHash: "0f",
  key: "BG",
  slot: 0,
  name: "Ada",
  modality: "image-text",
  architecture: "dual-cnn-bag",
  samples: 40,
  heldOut: 8,
  source: "noto",
  device: "webgpu",
  joinedAt: 1,
  leftAt: 2,
  bytesUp: 3,
  bytesDown: 4,
};

export const invitation: InvitationRecord = {
  id: "a1".repeat(32),
  consent: "c0".repeat(32),
  uses: 2,
  used: 0,
  createdAt: 1,
  expiresAt: 1_700_000_000_000,
};

export const applicant: ApplicantRecord = {
  id: "b2".repeat(32),
  name: "Grace",
  device: "webgl",
  at: 1_700_000_000_000,
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

export const taskRecord = (id: string): TaskRecord => ({
  id,
  task: {
    name: "Pilze 🍄",
    description: "Which of them may be eaten?",
    classes: [
      { name: "edible", words: ["edible", "good"] },
      { name: "deadly", words: ["deadly"] },
    ],
    modalities: ["image", "image-text"],
    pictures: { size: 32, colour: true, background: 255 },
    prompts: { kind: "words", attributes: [["red", "brown"]] },
    publicLicence: "CC-BY-4.0",
    least: { participant: 10, class: 2 },
    organiser: { name: "Ada", contact: "ada@example.org" },
    teacher: { kind: "shipped", checkpoint: "emoji-style" },
  },
  publicSet: { hash: blobHash("cd".repeat(32)), bytes: 1234, size: 20 },
  test: { hash: blobHash("ef".repeat(32)), bytes: 56, size: 4 },
  createdAt: 1_700_000_000_000,
});
