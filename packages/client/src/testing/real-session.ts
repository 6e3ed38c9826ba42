import type { LabelledSet } from "@tandem/core/data";
import type { ClientStore } from "@tandem/core/stores";
import { exportModel } from "@tandem/export/export-model";
import { planExport } from "@tandem/export/plan-export";
import type { BackboneFiles } from "@tandem/models/backbone/files";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import type { JoinReply } from "@tandem/protocol/events";
import { encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { createMemoryKeyStore } from "@tandem/storage/memory-client";
import { strategyNamed, trainedAlone } from "@tandem/strategies/registry";
import { soleIdentity } from "../identity";
import { type ClientState, initialState } from "../messages";
import { askModel } from "../own-model/ask-model";
import type { ModelToPage, PageToModel } from "../own-model/messages";
import { serveModel } from "../own-model/serve-model";
import { startSession } from "../session";
import type { SessionHost } from "../session-host";
import { createScriptedServer } from "./scripted-server";
import { until } from "./test-session";

/** Rounds of a real client over the store, until the server says that it is over. */
export async function trainInSession(
  store: ClientStore,
  options: {
    readonly offer: Partial<JoinReply> & Pick<JoinReply, "modality" | "architecture" | "classes">;
    readonly shard?: LabelledSet;
    readonly test?: LabelledSet;
    /** Of own data. */
    readonly task?: string;
    readonly words?: readonly string[];
    readonly openEncoder?: SessionHost["openEncoder"];
    readonly rounds: number;
  },
): Promise<ClientState> {
  const server = await createScriptedServer();
  const put = async (bytes: Uint8Array) => ({
    hash: await server.blobs.put(bytes),
    bytes: bytes.length,
  });
  const { shard, test, task, words = [], openEncoder, rounds } = options;
  const { shard: _, test: __, ...offer } = server.offer(0);
  const vocabulary = await put(new TextEncoder().encode(JSON.stringify({ words, buckets: 2 })));
  const joined: JoinReply = {
    ...offer,
    strategy: "local",
    strategyConfig: { localEpochs: 1, warmUpEpochs: 1, batchSize: 8, learningRate: 0.003 },
    vocabulary,
    ...(shard && { shard: await put(encodeLabelledSet(shard)) }),
    ...(test && { test: await put(encodeLabelledSet(test)) }),
    ...options.offer,
  };
  server.script.join = () => joined;
  let state: ClientState = initialState;
  const session = await startSession(
    {
      channel: server.connect(),
      store,
      keys: createMemoryKeyStore(),
      claimIdentity: soleIdentity,
      now: () => performance.now(),
      device: "test",
      strategy: (name, config) => strategyNamed(name).client(config),
      createModel,
      createTrainer,
      ...(openEncoder && { openEncoder }),
      update: (change) => {
        state = { ...state, ...(typeof change === "function" ? change(state) : change) };
      },
    },
    { experiment: "e1", ...(task !== undefined && { task }) },
  );
  for (let round = 1; round <= rounds; round++) {
    await server.instruct(round);
    await until(() => state.history.length === round, 60_000);
  }
  server.finish();
  await session.finished;
  return state;
}

/** Both ends of the worker that answers for the store's models, which no server stands behind. */
export function askOf(
  store: ClientStore,
  {
    backbone,
    openEncoder,
  }: {
    readonly backbone?: BackboneFiles;
    readonly openEncoder?: SessionHost["openEncoder"];
  } = {},
) {
  const listeners: ((event: { readonly data: ModelToPage }) => void)[] = [];
  const serve = serveModel(
    {
      store,
      fetchBlob: async (hash) => {
        throw new Error(`asked the server for ${hash}`);
      },
      createModel,
      createTrainer,
      ...(openEncoder && { openEncoder }),
      alone: trainedAlone,
      titleOf: (name) => strategyNamed(name).title,
      ready: async () => {},
      exportModel: async (taken) => exportModel(taken, backbone),
      planExport: async (taken) => planExport(taken, backbone),
    },
    // As between a page and a worker: nothing is shared.
    (message) =>
      queueMicrotask(() =>
        listeners.forEach((tell) => void tell({ data: structuredClone(message) })),
      ),
  );
  return askModel(
    {
      postMessage: (message: PageToModel) => void serve(structuredClone(message)),
      addEventListener: (type: string, listener: never) => {
        if (type === "message") listeners.push(listener);
      },
    },
    { experiment: "e1" },
  );
}
