import { clientModalities, modalities } from "@tandem/core/data";
import { admissions, experimentStatuses, phases } from "@tandem/core/experiment";
import { pictureSizes } from "@tandem/core/task";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import { experimentLabels } from "@tandem/protocol/experiment-labels";
import type { ExperimentListView, RunRow } from "@tandem/protocol/experiment-list";
import type {
  ClientCurvesView,
  EventLogView,
  GalleryView,
  LocalOnlyView,
} from "@tandem/protocol/live-view";
import { backbone, encoder, task } from "@tandem/protocol/task";
import type * as views from "@tandem/protocol/view";
import * as z from "zod/mini";

/** Schemas of what the REST interface answers: the compiler holds each to the type that it is of. */
const of =
  <T>() =>
  <S extends z.ZodMiniType<T>>(schema: S): S =>
    schema;

const { array, boolean, enum: oneOf, exactOptional: may, number, record, string } = z;
const obj = z.strictObject;
const count = z.int().check(z.minimum(0));
const share = number().check(z.minimum(0), z.maximum(1));
const strings = array(string());
/** A text that code tells from other texts. */
const branded = <T extends string>() => string() as unknown as z.ZodMiniType<T, string>;
const literally = <T extends string>(...values: readonly [T, ...T[]]) => oneOf(values);
const metrics = record(string(), number());
const modality = oneOf(clientModalities);

const client = of<views.ClientView>()(
  obj({
    id: branded<views.ClientView["id"]>(),
    name: string(),
    slot: count,
    modality,
    ...{ architecture: string(), source: string(), device: string() },
    samples: count,
    heldOut: may(count),
    status: literally(
      ...(["joined", "ready", "resting", "working", "done", "away"] as const),
      ...(["left", "removed", "erased"] as const),
    ),
    stage: may(string()),
    fraction: may(share),
    speed: may(number()),
    accuracy: may(share),
    ...{ bytesUp: count, bytesDown: count },
  }),
);

const round = of<views.RoundView>()(
  obj({
    round: count,
    phases: array(obj({ phase: oneOf(phases), at: number() })),
    endedAt: may(number()),
    ...{ cohort: count, uploads: count, refused: count, bytesUp: count, bytesDown: count },
    metrics,
    gallery: boolean(),
    pictures: may(string()),
  }),
);

const experiment = of<views.ExperimentView>()(
  obj({
    id: branded<views.ExperimentView["id"]>(),
    config: experimentConfig,
    status: oneOf(experimentStatuses),
    round: count,
    phase: oneOf(phases),
    clientsNeeded: count,
    progress: obj({ fraction: share, note: string() }),
    error: may(string()),
    createdAt: number(),
    importedAt: may(number()),
    ...experimentLabels,
    measuredOn: may(literally("public", "held-out")),
    retention: obj({ dueAt: may(number()), erasedAt: may(number()) }),
    clients: array(client),
    keptOut: array(obj({ id: string(), name: may(string()), at: number() })),
    rounds: array(round),
  }),
);

const { note: _, ...rowLabels } = experimentLabels;
const runRow = of<RunRow>()(
  obj({
    id: branded<RunRow["id"]>(),
    ...{ name: string(), strategy: string(), dataset: string(), seed: count },
    status: oneOf(experimentStatuses),
    ...{ round: count, rounds: count, ended: count, clients: count, here: count },
    createdAt: number(),
    ...rowLabels,
    measuredOn: may(literally("public", "held-out")),
    accuracy: may(share),
    curve: array(share),
  }),
);

const experimentList = of<ExperimentListView>()(
  obj({
    entries: array(
      z.union([
        obj({ kind: z.literal("run"), run: runRow }),
        obj({
          ...{ kind: z.literal("group"), name: string() },
          settings: array(
            obj({
              ...{ label: string(), runs: array(runRow) },
              ...{ mean: may(share), std: may(number()), measured: count },
            }),
          ),
        }),
      ]),
    ),
    ...{ found: count, page: count, pages: count, isEmpty: boolean() },
    ...{ tags: strings, groups: strings },
  }),
);

const gallery = of<GalleryView>()(
  obj({
    round: count,
    classes: strings,
    imageSize: count,
    pictures: string(),
    columns: count,
    sheet: string(),
    partSize: count,
    parts: array(obj({ sheet: string(), columns: count, count })),
    items: array(
      obj({
        prompt: string(),
        label: count,
        verdict: may(obj({ label: count, confidence: number() })),
        accepted: may(boolean()),
        reward: may(number()),
      }),
    ),
    lessons: may(
      obj({
        ...{ prompts: strings, rounds: array(count) },
        ...{ columns: count, rowColumns: count, sheet: string() },
      }),
    ),
  }),
);

const invitationFields = {
  ...{ id: string(), uses: count, used: count },
  ...{ createdAt: number(), expiresAt: number(), isOutdated: boolean() },
};
const pictures = obj({
  size: z.literal([...pictureSizes]),
  ...{ colour: boolean(), background: count },
});
const least = obj({ participant: count, class: count });

const joining = of<views.JoiningView>()(
  obj({
    isOver: may(z.literal(true)),
    admission: oneOf(admissions),
    consent: obj({ hash: string(), terms: array(obj({ what: string(), said: string() })) }),
    disclosure: may(string()),
    classes: count,
    places: array(obj({ modality, total: count, free: count, bytes: count })),
    own: may(
      obj({
        task: string(),
        modalities: array(modality),
        architectures: obj({ image: strings, text: strings, "image-text": strings }),
        steps: record(string(), number()),
        least,
        pictures,
        backbone: may(backbone),
        encoder: may(encoder),
        ...{ mostSamples: count, total: count, free: count },
      }),
    ),
    ownEncoder: boolean(),
    sharedBytes: count,
  }),
);

const strategy = of<views.StrategyView>()(
  obj({
    ...{ name: string(), title: string(), summary: string(), source: string() },
    needs: obj({
      teacher: boolean(),
      equalArchitectures: boolean(),
      modalities: array(oneOf(modalities)),
      sendsWeights: may(boolean()),
      readsPixels: may(boolean()),
    }),
    adapters: boolean(),
    schema: record(string(), z.unknown()),
  }),
);

const named = array(obj({ id: branded<views.ExperimentView["id"]>(), name: string() }));
const set = obj({
  ...{ samples: count, bytes: count, counts: may(array(count)) },
  ...{ hasPictures: may(boolean()), captions: may(strings) },
});
const about = { id: string(), name: string(), description: string() };
const taskView = of<views.TaskView>()(
  z.discriminatedUnion("data", [
    obj({ ...about, data: z.literal("dealt"), base: string(), experiments: may(named) }),
    obj({
      ...{ ...about, data: z.literal("own"), task, publicSet: may(set), test: may(set) },
      ...{ createdAt: number(), experiments: named },
    }),
  ]),
);

const preparation = of<views.PreparationView>()(
  obj({
    state: literally("none", "running", "paused", "failed", "done"),
    ready: boolean(),
    limit: may(z.union([obj({ steps: count }), obj({ minutes: number() })])),
    from: may(string()),
    step: may(count),
    fraction: may(share),
    ...{ loss: may(number()), samplesPerSecond: may(number()), secondsLeft: may(number()) },
    ...{ sheet: may(string()), problem: may(string()), barred: may(string()) },
  }),
);

const role = literally("viewer", "researcher", "owner");

/** By the names that the reference has for them. */
export const answers = {
  Experiment: experiment,
  ExperimentList: experimentList,
  Gallery: gallery,
  Joining: joining,
  Curves: of<ClientCurvesView>()(
    obj({
      rounds: array(count),
      clients: array(
        obj({
          id: branded<views.ClientView["id"]>(),
          ...{ name: string(), slot: count, modality, accuracy: array(z.nullable(share)) },
        }),
      ),
    }),
  ),
  EventLog: of<EventLogView>()(
    obj({
      events: array(
        obj({
          at: number(),
          type: string() as unknown as z.ZodMiniType<
            EventLogView["events"][number]["type"],
            string
          >,
          ...{ round: may(count), name: may(string()), message: may(string()) },
        }),
      ),
      before: may(number()),
    }),
  ),
  LocalOnly: of<LocalOnlyView | null>()(
    z.nullable(
      obj({
        id: branded<views.ExperimentView["id"]>(),
        ...{ name: string(), accuracy: array(z.nullable(share)) },
      }),
    ),
  ),
  Adapter: of<views.AdapterView>()(
    z.union([obj({ round: count, bytes: count }), obj({ round: count, problem: string() })]),
  ),
  Invitation: of<views.InvitationView>()(obj(invitationFields)),
  NewInvitation: of<views.NewInvitationView>()(obj({ ...invitationFields, secret: string() })),
  Applicant: of<views.ApplicantView>()(
    obj({ id: string(), name: string(), device: string(), at: number() }),
  ),
  PaintingTerms: of<views.PaintingTerms>()(
    obj({
      prompts: strings,
      taughtIn: may(count),
      budget: may(obj({ left: number(), of: number() })),
    }),
  ),
  Painting: of<views.PaintingView>()(
    obj({
      ...{ id: string(), prompt: string() },
      state: literally("waiting", "painting", "done", "failed"),
      ...{ ahead: count, fraction: share },
      pictures: may(
        obj({
          ...{ sheet: string(), columns: count, shows: array(literally("base", "taught")) },
          taughtIn: may(count),
        }),
      ),
      problem: may(string()),
    }),
  ),
  Strategy: strategy,
  Task: taskView,
  TaskUpload: of<views.TaskUploadView>()(
    obj({
      task: taskView,
      leftOut: array(obj({ path: string(), line: may(count), reason: string() })),
      leftOutCount: count,
    }),
  ),
  Preparation: preparation,
  Preview: of<views.PreviewView>()(
    obj({
      id: string(),
      state: literally("none", "waiting", "painting", "stopped", "failed", "done"),
      ...{ fraction: share, sheet: may(string()), problem: may(string()) },
    }),
  ),
  Teachers: of<views.TeachersView>()(
    obj({
      shipped: array(
        obj({
          ...{ name: string(), title: string(), description: string() },
          size: z.tuple([count, count]),
        }),
      ),
      remote: boolean(),
    }),
  ),
  Backbone: of<views.BackboneView>()(obj({ name: string(), url: string() })),
  Me: of<views.MeView>()(
    obj({
      mode: literally("open", "unclaimed", "accounts"),
      by: literally("nobody", "local", "session", "token"),
      ...{ role: may(role), maySpend: boolean(), name: may(string()), email: may(string()) },
      passkeyHost: string(),
    }),
  ),
  Account: of<views.AccountView>()(
    obj({ id: string(), name: string(), email: string(), role, maySpend: boolean() }),
  ),
  AccountLink: of<views.AccountLinkView>()(
    obj({ id: string(), role, maySpend: boolean(), expiresAt: number(), holder: may(string()) }),
  ),
  NewAccountLink: of<views.NewAccountLinkView>()(obj({ token: string(), expiresAt: number() })),
  OfferedAccount: obj({ role, maySpend: boolean(), expiresAt: number() }),
  PasswordLink: of<views.PasswordLinkView>()(
    obj({ name: string(), email: string(), expiresAt: number() }),
  ),
  ApiToken: of<views.ApiTokenView>()(
    obj({ id: string(), name: string(), createdAt: number(), usedAt: may(number()) }),
  ),
  NewApiToken: obj({ id: string(), name: string(), token: string() }),
  Passkey: of<views.PasskeyView>()(obj({ id: string(), name: string() })),
  Backups: of<views.BackupsView>()(
    obj({
      schedule: may(obj({ everyMs: number(), keep: count })),
      backups: array(obj({ name: string(), at: number() })),
      nextAt: may(number()),
      making: may(obj({ done: count, of: count })),
      problem: may(string()),
    }),
  ),
  Spending: of<views.SpendingView>()(
    obj({ kind: string(), title: string(), spent: number(), perDay: number() }),
  ),
  Audit: of<views.AuditView>()(
    obj({
      entries: array(
        obj({
          ...{ sequence: count, at: number() },
          by: literally("account", "token", "machine", "participant", "nobody", "server"),
          ...{ account: may(string()), name: may(string()), role: may(string()) },
          ...{ token: may(string()), action: string(), thing: may(string()) },
          detail: may(string()),
          outcome: literally("done", "refused", "failed"),
          ...{ reason: may(string()), count },
        }),
      ),
      before: may(number()),
    }),
  ),
  Error: of<views.ApiError>()(obj({ error: obj({ code: string(), message: string() }) })),
} as const;
export type AnswerName = keyof typeof answers;
