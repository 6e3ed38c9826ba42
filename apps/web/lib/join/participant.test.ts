import { type ClientState, initialState, type PageToWorker } from "@tandem/client/messages";
import { describe, expect, it } from "vitest";
import { createParticipant } from "./participant";
import type { ClientWorker } from "./worker-slot";

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
  measuredOn: "public",
  measuredSamples: 1,
  slot: 0,
  rounds: 1,
} as const;

/** Until whatever was promised has come. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

function setUp() {
  const heard: PageToWorker[] = [];
  const workers: (ClientWorker & { ended: boolean })[] = [];
  const paused: (() => void)[] = [];
  const start = () => {
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
  };
  const server = { isThere: true };
  const participant = createParticipant(start, {
    pause: (_, then) => paused.push(then),
    isReachable: async () => server.isThere,
  });
  const wait = async () => {
    paused.pop()?.();
    await settled();
  };
  const tell = (state: Partial<ClientState>) => {
    const data = { type: "state", state: { ...initialState, ...state } } as const;
    workers.at(-1)?.onmessage?.({ data } as MessageEvent);
  };
  const crash = (message: string) => workers.at(-1)?.onerror?.({ message } as ErrorEvent);
  return { participant, server, workers, heard, tell, crash, wait };
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
    expect(heard.at(-1)).toEqual({ type: "leave", erase: false });
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

  it("says so when the worker breaks before it has joined", async () => {
    const { participant, workers, crash, wait } = setUp();
    participant.join(options);
    crash("boom");
    await settled();
    expect(participant.store.getState()).toMatchObject({
      phase: "failed",
      error: { message: expect.stringContaining("boom") },
    });
    expect(workers[0].ended).toBe(true);
    await wait();
    expect(workers).toHaveLength(1);
  });

  it("replaces a worker that breaks later: the next is the same client", async () => {
    const { participant, workers, heard, tell, crash, wait } = setUp();
    participant.join(options);
    tell({ phase: "working", assignment, identity: 2 });
    crash("boom");
    expect(workers[0].ended).toBe(true);
    await wait();
    expect(heard.at(-1)).toEqual({ type: "join", options: { ...options, identity: 2, avoid: [] } });
    tell({ phase: "working", assignment, identity: 2, notices: ["of the worker"] });
    const { notices, phase } = participant.store.getState();
    expect(phase).toBe("working");
    expect(notices).toEqual([expect.stringContaining("boom"), "of the worker"]);
  });

  it.each([
    "Uncaught Error: WebGPU: the device was lost.",
    "Uncaught Error: WebGL: the context was lost.",
    "Uncaught RangeError: Array buffer allocation failed",
  ])("leaves aside a backend that has broken: %s", async (message) => {
    const { participant, heard, tell, crash, wait } = setUp();
    participant.join(options);
    tell({ phase: "working", assignment, device: { backend: "webgpu", report: [] } });
    crash(message);
    await wait();
    expect(heard.at(-1)).toMatchObject({ options: { avoid: ["webgpu"] } });
  });

  it("goes on with the next backend where one is refused, and tells why; the last one's refusal stands", async () => {
    const { participant, workers, heard, tell, wait } = setUp();
    participant.join(options);
    const refused = (backend: "wasm" | "cpu") => {
      const message = `layer "larger" has no gradient on ${backend}`;
      const error = { code: "wrong-backend", message };
      tell({ phase: "failed", error, identity: 1, device: { backend, report: [] } });
    };
    refused("wasm");
    expect(workers[0].ended).toBe(true);
    await wait();
    expect(heard.at(-1)).toMatchObject({ options: { avoid: ["wasm"], identity: 1 } });
    tell({ phase: "joining" });
    expect(participant.store.getState()).toMatchObject({
      phase: "joining",
      notices: ['This tab goes on without WebAssembly: layer "larger" has no gradient on wasm'],
    });
    refused("cpu");
    await settled();
    expect(participant.store.getState()).toMatchObject({
      phase: "failed",
      error: { message: 'layer "larger" has no gradient on cpu' },
    });
    expect(workers).toHaveLength(2);
  });

  it("a backend that was asked for is not left aside", async () => {
    const { participant, workers, tell } = setUp();
    participant.join({ ...options, prefer: "wasm" });
    const error = { code: "wrong-backend", message: "no gradient" };
    tell({ phase: "failed", error, device: { backend: "wasm", report: [] } });
    await settled();
    expect(participant.store.getState()).toMatchObject({ phase: "failed", error });
    expect(workers).toHaveLength(1);
  });

  it("gives up on a client whose workers break again and again, but not over many rounds", async () => {
    const { participant, workers, tell, crash, wait } = setUp();
    participant.join(options);
    for (let round = 1; round <= 5; round++) {
      const history = Array.from({ length: round }, (_, i) => ({ round: i + 1, accuracy: 0.5 }));
      tell({ phase: "working", assignment, history });
      crash("now and then");
      await wait();
    }
    expect(participant.store.getState().phase).toBe("probing");
    for (let i = 0; i < 3; i++) {
      crash("again and again");
      await wait();
    }
    await settled();
    expect(participant.store.getState().phase).toBe("failed");
    expect(workers).toHaveLength(8);
  });

  it("starts no other worker once it has been left or closed", async () => {
    for (const end of ["leave", "dispose"] as const) {
      const { participant, workers, tell, crash, wait } = setUp();
      participant.join(options);
      tell({ phase: "working", assignment });
      crash("boom");
      participant[end]();
      await wait();
      expect(workers).toHaveLength(1);
    }
  });

  it("says so when the browser starts no worker", () => {
    const participant = createParticipant(() => {
      throw new DOMException("blocked by the policy", "SecurityError");
    });
    participant.join(options);
    expect(participant.store.getState()).toMatchObject({
      phase: "failed",
      error: { message: expect.stringContaining("blocked by the policy") },
    });
  });

  it.each(["its parts cannot be fetched", "it gives up"])(
    "waits for a server that is not there, where %s",
    async (how) => {
      const { participant, server, workers, tell, crash, wait } = setUp();
      server.isThere = false;
      participant.join(options);
      if (how === "it gives up") tell({ phase: "failed" });
      else crash("");
      await settled();
      const waiting = { phase: "joining", connection: "offline", error: { code: "unavailable" } };
      expect(participant.store.getState()).toMatchObject(waiting);
      await wait();
      expect(workers).toHaveLength(1);
      server.isThere = true;
      await wait();
      expect(workers).toHaveLength(2);
      expect(participant.store.getState().error).toBeUndefined();
      tell({ phase: "waiting", assignment });
      expect(participant.store.getState().phase).toBe("waiting");
    },
  );

  it("pauses without a worker, and goes on as the same client", () => {
    const { participant, workers, heard, tell } = setUp();
    participant.join(options);
    tell({ phase: "working", assignment, identity: 2, history: [{ round: 1, accuracy: 0.5 }] });
    participant.pause();
    expect(workers[0].ended).toBe(true);
    expect(participant.store.getState()).toMatchObject({
      phase: "paused",
      history: [{ round: 1 }],
    });
    participant.resume();
    expect(heard.at(-1)).toEqual({ type: "join", options: { ...options, identity: 2 } });
    tell({ phase: "waiting", assignment, identity: 2 });
    expect(participant.store.getState().phase).toBe("waiting");
  });

  it("leaves from a pause, and forgets a client of before, by having the browser keep nothing", () => {
    const gone = { type: "forget", experiment: "e", identity: 2 };
    for (const from of ["pause", "before"] as const) {
      const { participant, workers, heard, tell } = setUp();
      if (from === "before") participant.forget({ experiment: "e", identity: 2 });
      else {
        participant.join(options);
        tell({ phase: "working", assignment, identity: 2 });
        participant.pause();
        participant.leave();
      }
      expect(heard.at(-1)).toEqual(gone);
      tell({ phase: "left" });
      expect(participant.store.getState().phase).toBe("left");
      expect(workers.at(-1)?.ended).toBe(true);
    }
  });
});
