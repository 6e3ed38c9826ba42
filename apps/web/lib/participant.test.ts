import { type ClientState, initialState, type PageToWorker } from "@tandem/client/messages";
import { describe, expect, it } from "vitest";
import { type ClientWorker, createParticipant } from "./participant";

const options = { url: "http://localhost", experiment: "e", wasmPath: "/tfjs/" };

const assignment = {
  client: "c",
  experiment: "E",
  strategy: "local",
  classes: ["a"],
  modality: "image",
  architecture: "cnn-small",
  source: "noto",
  samples: 1,
  slot: 0,
  rounds: 1,
} as const;

function setUp() {
  const heard: PageToWorker[] = [];
  const workers: (ClientWorker & { ended: boolean })[] = [];
  const participant = createParticipant(() => {
    const worker = {
      ended: false,
      onmessage: null,
      onerror: null,
      postMessage: (message: PageToWorker) => heard.push(message),
      terminate() {
        this.ended = true;
      },
    };
    workers.push(worker);
    return worker;
  });
  const tell = (state: Partial<ClientState>) => {
    const data = { type: "state", state: { ...initialState, ...state } } as const;
    workers.at(-1)?.onmessage?.({ data } as MessageEvent);
  };
  return { participant, workers, heard, tell };
}

describe("a participant's page", () => {
  it("starts no worker before joining", () => {
    const { workers, participant } = setUp();
    expect(workers).toHaveLength(0);
    expect(participant.store.getState().phase).toBe("idle");
  });

  it("shows what the worker says and forgets what it no longer says", () => {
    const { participant, heard, tell } = setUp();
    participant.join(options);
    expect(heard).toEqual([{ type: "join", options }]);
    tell({ phase: "working", loss: 2 });
    expect(participant.store.getState()).toMatchObject({ phase: "working", loss: 2 });
    tell({ phase: "waiting" });
    expect(participant.store.getState()).not.toHaveProperty("loss");
  });

  it("ends the worker only after it has said goodbye", () => {
    const { participant, workers, heard, tell } = setUp();
    participant.join(options);
    tell({ phase: "waiting", assignment });
    participant.leave();
    expect(heard.at(-1)).toEqual({ type: "leave" });
    expect(workers[0].ended).toBe(false);
    tell({ phase: "left" });
    expect(workers[0].ended).toBe(true);
  });

  it("leaves at once while it has no place yet", () => {
    const { participant, workers, heard } = setUp();
    participant.join(options);
    participant.leave();
    expect(heard).toHaveLength(1);
    expect(workers[0].ended).toBe(true);
    expect(participant.store.getState().phase).toBe("left");
  });

  it("keeps what has not changed, so that it is not drawn again", () => {
    const { participant, tell } = setUp();
    participant.join(options);
    tell({ history: [{ round: 1, accuracy: 0.5 }] });
    const { history } = participant.store.getState();
    tell({ history: [{ round: 1, accuracy: 0.5 }], fraction: 0.5 });
    expect(participant.store.getState().history).toBe(history);
    tell({ history: [{ round: 1, accuracy: 0.6 }] });
    expect(participant.store.getState().history).not.toBe(history);
  });

  it("has one worker at most", () => {
    const { participant, workers } = setUp();
    participant.join(options);
    participant.join(options);
    expect(workers.map(({ ended }) => ended)).toEqual([true, false]);
  });

  it("says so when the worker breaks", () => {
    const { participant, workers } = setUp();
    participant.join(options);
    workers[0].onerror?.({ message: "boom" } as ErrorEvent);
    expect(participant.store.getState()).toMatchObject({
      phase: "failed",
      error: { message: "boom" },
    });
    expect(workers[0].ended).toBe(true);
  });
});
