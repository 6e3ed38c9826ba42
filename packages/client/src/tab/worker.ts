import type { Outgoing } from "@tandem/core/channel";
import { TandemError } from "@tandem/core/errors";
import { type Lazy, lazily } from "@tandem/core/lazily";
import type { BackboneReference, EncoderReference } from "@tandem/core/task";
import { startBrowserEngine } from "@tandem/engine/browser";
import type { Engine } from "@tandem/engine/choose-backend";
import type { LayersEncoder } from "@tandem/models/backbone/layers-encoder";
import { createModel } from "@tandem/models/registry";
import { createTrainer, type Featurise } from "@tandem/models/trainer";
import type { TandemChannel } from "@tandem/protocol/events";
import { openIndexedDbClientStore, openIndexedDbKeyStore } from "@tandem/storage/indexed-db";
import { strategyNamed, trainedAlone } from "@tandem/strategies/registry";
import { connectSocket } from "@tandem/transport/socket-client";
import { eraseEverything, hasLeftBehind, leaveBehind } from "../erasure";
import {
  type ClientState,
  initialState,
  type JoinOptions,
  type LenderToWorker,
  type PageToWorker,
} from "../messages";
import type { OwnEncoder } from "../own-encoder";
import type { PageToModel } from "../own-model/messages";
import { serveModel } from "../own-model/serve-model";
import { type Session, startSession } from "../session";
import type { Capability, SessionHost } from "../session-host";
import { openClientMemory } from "../stored-context";
import { fetchBlob } from "./fetch-blob";
import { openKeeping } from "./keeping";
import { createLentKeys } from "./lent-keys";
import { createLentStore } from "./lent-store";
import { reportUnreachable } from "./report-unreachable";
import { servePage } from "./serve-page";
import { serverAddress } from "./server-address";
import { watchRequests } from "./watch-requests";

// Composition root of a tab: everything that computes or talks to the server runs here.
let state: ClientState = initialState;
let scheduled = false;

/** At most 20 messages a second, and always the last state. */
const update = (change: Partial<ClientState> | ((state: ClientState) => Partial<ClientState>)) => {
  state = { ...state, ...(typeof change === "function" ? change(state) : change) };
  if (scheduled) return;
  scheduled = true;
  setTimeout(() => {
    scheduled = false;
    self.postMessage({ type: "state", state });
  }, 50);
};

/** Of what goes on all the same. */
const notice = (text: string) =>
  update(({ notices }) => ({ notices: [...notices.filter((other) => other !== text), text] }));

const tellSent = (sent: Outgoing) =>
  self.postMessage({ type: "sent", sent: { ...sent, at: Date.now() } });
tellSent({ what: "get", text: self.location.href.split("#")[0], bytes: 0 }); // its own code
watchRequests(tellSent);

async function join(options: JoinOptions): Promise<Session> {
  const { url, prefer, avoid, wasmPath } = options;
  update({ ...initialState, phase: "probing" });
  // A secure context, which hashing and IndexedDB want as well.
  if (!navigator.locks)
    throw new TandemError("not-supported", "Open this page over https or as localhost.");
  const { backend, report } = await startBrowserEngine({ wasmPath, prefer, avoid, gpu: gpuOf() });
  update({ device: { backend, report }, phase: "joining" });
  const { store, keys, claimIdentity } = await keeping(navigator.locks);
  const channel = connectSocket({ url, onSent: tellSent });
  const stopReporting = reportUnreachable({ channel, update });
  await connected(channel);
  const session = startSession(
    {
      channel,
      store,
      keys,
      claimIdentity,
      now: () => performance.now(),
      device: backend,
      capability: capabilityOf({ backend, report }),
      strategy: (name, config) => strategyNamed(name).client(config),
      createModel,
      openEncoder: encodersOf(url),
      createTrainer: ({ tokenizer, backbone }) =>
        createTrainer({
          tokenizer,
          ...(backbone && { featurise: featuriserOf(backbone, url) }),
          onSmallerBatch: (size) =>
            notice(`Memory ran out: this tab goes on with at most ${size} samples at a time.`),
        }),
      exhausted: (error) => {
        setTimeout(() => {
          throw error; // the page hears of it
        });
      },
      update,
    },
    options,
  );
  session.then(({ finished }) => finished).then(stopReporting, stopReporting);
  return session;
}

const connected = (channel: Pick<TandemChannel, "onConnection">) =>
  new Promise<void>((resolve) => channel.onConnection((online) => online && resolve()));

function capabilityOf({ backend, report }: Engine): Capability {
  const stepMs = report.find(({ status }) => status === "chosen")?.milliseconds;
  const { deviceMemory: memory } = navigator as { readonly deviceMemory?: number }; // Chromium's alone
  return { backend, ...(stepMs && { stepMs }), ...(memory && { memory }) };
}

/** `base`: the server, for a path on it. The code comes with the first picture that needs it. */
const featuriserOf = (backbone: BackboneReference, base: string): Featurise => {
  const featuriser = lazily(async () => {
    const [{ openBackbone }, { createFeaturiser }, { onCpu }] = await Promise.all([
      import("@tandem/models/backbone/backbone"),
      import("@tandem/models/backbone/features"),
      import("@tandem/engine/reference"),
    ]);
    return createFeaturiser(await openBackbone(backbone, { base, reference: onCpu }));
  });
  return async (images, signal) => (await featuriser.get())(images, signal);
};

/** Likewise; each is opened once, and models are made of copies. */
function encodersOf(base: string): NonNullable<SessionHost["openEncoder"]> {
  const known = new Map<string, Lazy<LayersEncoder>>();
  const open = async (encoder: EncoderReference | OwnEncoder) => {
    const [{ openBroughtEncoder, openEncoder }, { onCpu }] = await Promise.all([
      import("@tandem/models/backbone/layers-encoder"),
      import("@tandem/engine/reference"),
    ]);
    return "files" in encoder
      ? openBroughtEncoder(encoder, { reference: onCpu })
      : openEncoder(encoder, { base, reference: onCpu });
  };
  return async (encoder) => {
    const key = JSON.stringify("files" in encoder ? encoder.pinned : encoder);
    const opened = known.get(key) ?? lazily(() => open(encoder));
    known.set(key, opened);
    const { make, source } = await opened.get();
    return {
      createModel: (options) => createModel({ ...options, encoder: make }),
      encoder: source,
    };
  };
}

const filesOf = async ({ backbone }: { readonly backbone?: BackboneReference }) => {
  if (!backbone) return undefined;
  const { pinnedFiles } = await import("@tandem/models/backbone/pinned");
  return pinnedFiles(backbone, { base: serverAddress() });
};

const gpuOf = () => (navigator as { gpu?: Parameters<typeof startBrowserEngine>[0]["gpu"] }).gpu;

const lent = createLentStore((change) => self.postMessage(change));
const lentKeys = createLentKeys((change) => self.postMessage(change));
const keeping = (locks: LockManager) =>
  openKeeping({
    openStore: () => openIndexedDbClientStore("tandem"),
    openKeys: () => openIndexedDbKeyStore("tandem-keys"),
    memory: lent,
    memoryKeys: lentKeys,
    locks,
    notice,
  });

async function forget({ experiment, identity }: { experiment: string; identity: number }) {
  const { store, keys, claimIdentity } = await keeping(navigator.locks);
  const { index, release } = await claimIdentity({ experiment, preferred: identity });
  try {
    if (index !== identity)
      throw new TandemError("conflict", "Another tab takes part as this client: leave there.");
    const self = { experiment, identity };
    await leaveBehind({ store, keys }, self, openClientMemory(store, self));
    const isKept = await hasLeftBehind({ store }, experiment);
    update({ phase: "left", ...(isKept && { sent: "kept" }) });
  } finally {
    release();
  }
}

async function erase({ url, experiment }: { url: string; experiment: string }): Promise<void> {
  const { store, keys } = await keeping(navigator.locks);
  const channel = connectSocket({ url, onSent: tellSent });
  try {
    await Promise.race([
      connected(channel),
      new Promise((_, reject) => setTimeout(() => reject(outOfReach), mostWaitMs)),
    ]);
    await eraseEverything({ channel, store, keys }, experiment);
    update({ phase: "left", sent: "erased" });
  } finally {
    channel.close();
  }
}
const mostWaitMs = 10_000;
const outOfReach = new TandemError(
  "unavailable",
  "The server cannot be reached, so that nothing is erased: try again when it can.",
);

// A worker that has not joined answers for the models that the browser keeps.
const engine = lazily(() =>
  startBrowserEngine({ wasmPath: `${serverAddress()}/tfjs/`, gpu: gpuOf() }),
);
const model = lazily(async () => {
  const { store } = await keeping(navigator.locks);
  return serveModel(
    {
      store,
      fetchBlob,
      createModel,
      openEncoder: encodersOf(serverAddress()),
      createTrainer: ({ tokenizer, backbone }) =>
        createTrainer({
          tokenizer,
          ...(backbone && { featurise: featuriserOf(backbone, serverAddress()) }),
        }),
      alone: trainedAlone,
      titleOf: (name) => strategyNamed(name).title,
      ready: async () => void (await engine.get()),
      exportModel: async (taken) =>
        (await import("@tandem/export/export-model")).exportModel(taken, await filesOf(taken)),
      planExport: async (taken) =>
        (await import("@tandem/export/plan-export")).planExport(taken, await filesOf(taken)),
    },
    (message) => self.postMessage(message),
  );
});

const serve = servePage({ join, forget, erase, update });
self.addEventListener(
  "message",
  ({ data }: MessageEvent<PageToWorker | PageToModel | LenderToWorker>) => {
    if (data.type === "lend") {
      lentKeys.lend(data.keys);
      return lent.lend(data.records);
    }
    return data.type === "ask" || data.type === "cancel"
      ? void model.get().then((answer) => answer(data))
      : void serve(data);
  },
);
