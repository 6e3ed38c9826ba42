import type { AuditEntry } from "@tandem/core/audit";
import type { ClientModality, Modality } from "@tandem/core/data";
import type {
  Admission,
  ApplicantRecord,
  ExperimentConfig,
  ExperimentLabels,
  ExperimentStatus,
  Phase,
} from "@tandem/core/experiment";
import type { OwnDataTerms } from "@tandem/core/federated-data";
import type { ClientId, ExperimentId } from "@tandem/core/ids";
import type { Metrics } from "@tandem/core/strategy";
import type { Task } from "@tandem/core/task";

/** What the dashboard draws: the whole of an experiment. Whoever follows it is sent it once, then each `ViewChange`. */
export type ExperimentView = ExperimentLabels & {
  readonly id: ExperimentId;
  readonly config: ExperimentConfig;
  readonly status: ExperimentStatus;
  /** 1-based; 0 before the first. */
  readonly round: number;
  readonly phase: Phase;
  /** Ready clients that a round waits for now. */
  readonly clientsNeeded: number;
  /** Of the server's own work in this phase, 0-1, with a note for people. */
  readonly progress: { readonly fraction: number; readonly note: string };
  readonly error?: string;
  readonly createdAt: number;
  /** Epoch milliseconds at which it was taken in from another server; absent: it is of this one. */
  readonly importedAt?: number;
  /** What the clients' accuracy is measured on; absent before somebody has joined. */
  readonly measuredOn?: MeasuredOn;
  readonly retention: RetentionView;
  readonly clients: readonly ClientView[];
  readonly keptOut: readonly KeptOutView[];
  readonly rounds: readonly RoundView[];
};

/** Epoch milliseconds at which participants' data is erased, and was erased last. Without the first: nothing is due. */
export type RetentionView = { readonly dueAt?: number; readonly erasedAt?: number };
/** An address whose newcomers are kept out; `name` is its removed client's, where that is still known. */
export type KeptOutView = { readonly id: string; readonly name?: string; readonly at: number };

/** Held out: of a client's own samples, and told to nobody where there are too few. */
export type MeasuredOn = "public" | "held-out";

export type ClientView = {
  readonly id: ClientId;
  readonly name: string;
  readonly slot: number;
  readonly modality: ClientModality;
  readonly architecture: string;
  readonly source: string;
  readonly device: string;
  readonly samples: number;
  /** Samples of its own that its accuracy is measured on. */
  readonly heldOut?: number;
  /** Resting: the round asks others. */
  readonly status:
    | "joined"
    | "ready"
    | "resting"
    | "working"
    | "done"
    | "away"
    | "left"
    /** By whoever runs the experiment. */
    | "removed"
    /** Nothing else is known of it any more. */
    | "erased";
  readonly stage?: string;
  readonly fraction?: number;
  /** Samples a second in its last training, as it says. */
  readonly speed?: number;
  /** The latest, 0-1; absent where it is measured on too few samples to tell. */
  readonly accuracy?: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
};

export type RoundView = {
  readonly round: number;
  readonly phases: readonly { readonly phase: Phase; readonly at: number }[];
  readonly endedAt?: number;
  readonly cohort: number;
  readonly uploads: number;
  readonly refused: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Mean over clients, by their held-out samples if they measure on these: `accuracy/mean`, `accuracy/std`, `accuracy/image`…; `teacher/…`; the strategy's own. */
  readonly metrics: Metrics;
  /** A gallery can be fetched. */
  readonly gallery: boolean;
  /** Names what its gallery shows: another name, other pictures. Absent: there is none. */
  readonly pictures?: string;
};

/** An adapter that can be downloaded: what a round has taught the teacher, so far. */
export type AdapterView =
  /** Of the file. */
  | { readonly round: number; readonly bytes: number }
  /** Why what is stored cannot be had. */
  | { readonly round: number; readonly problem: string };

/** What somebody agrees to by joining: in words, and a hash that is another one when any of it is. */
export type ConsentView = {
  readonly hash: string;
  readonly terms: readonly { readonly what: string; readonly said: string }[];
};

/** A link that lets people into an experiment; `id` is the hash of what it holds. */
export type InvitationView = {
  readonly id: string;
  /** People that it lets in, and that it has let in. */
  readonly uses: number;
  readonly used: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** What people agree to has changed since it was made, so that it lets nobody in any more. */
  readonly isOutdated: boolean;
};
export type NewInvitationView = InvitationView & { readonly secret: string };

/** Somebody who waits to be let in; `id` is a hash of the tab's token and key. */
export type ApplicantView = Omit<ApplicantRecord, "verdict">;

/** What somebody should know before joining an experiment. */
export type JoiningView = {
  /** It has ended: nobody can join any more. */
  readonly isOver?: true;
  readonly admission: Admission;
  readonly consent: ConsentView;
  /** What leaves the tab with its settings, the first sentence in short; absent: not known. */
  readonly disclosure?: string;
  readonly classes: number;
  /** Places by what they hold; none where participants bring data of their own. */
  readonly places: readonly PlacesView[];
  /** What participants bring, how many samples of each count, and how many more can take part. */
  readonly own?: OwnDataTerms & {
    readonly mostSamples: number;
    readonly total: number;
    readonly free: number;
  };
  /** Who takes part may bring a model of pictures to be trained. */
  readonly ownEncoder: boolean;
  /** Of the public test, if there is one, and the vocabulary, which every tab downloads. */
  readonly sharedBytes: number;
};

export type PlacesView = {
  readonly modality: ClientModality;
  readonly total: number;
  /** Nobody's, or of somebody who has been away so long that it can be had. */
  readonly free: number;
  /** Of the largest of these places' data. */
  readonly bytes: number;
};

/** A strategy as forms and tables need it. */
export type StrategyView = {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly source: string;
  readonly needs: {
    readonly teacher: boolean;
    readonly equalArchitectures: boolean;
    /** One of these at least. */
    readonly modalities: readonly Modality[];
    /** Its clients upload all weights of their models. */
    readonly sendsWeights?: boolean;
    /** Its clients feed models pictures, which none on a backbone reads. */
    readonly readsPixels?: boolean;
  };
  /** Its rounds leave adapters of the teacher to download. */
  readonly adapters: boolean;
  /** JSON Schema of its configuration, defaults included. */
  readonly schema: Readonly<Record<string, unknown>>;
};

/** What an experiment can be on: its `dataset` is the id. */
export type TaskView =
  /** A data set that Tandem ships: each place is dealt a part of it. */
  | {
      readonly id: string;
      readonly data: "dealt";
      readonly name: string;
      readonly description: string;
      /** Its teacher's, a folder of `public/teacher`. */
      readonly base: string;
      /** On it; a list of tasks does not say. */
      readonly experiments?: readonly { readonly id: ExperimentId; readonly name: string }[];
    }
  /** A task: participants bring their own samples, which stay with them. */
  | {
      readonly id: string;
      readonly data: "own";
      readonly name: string;
      readonly description: string;
      readonly task: Task;
      readonly publicSet?: SetView;
      readonly test?: SetView;
      readonly createdAt: number;
      /** On it, so that it cannot be changed. */
      readonly experiments: readonly { readonly id: ExperimentId; readonly name: string }[];
    };

export type SetView = {
  readonly samples: number;
  readonly bytes: number;
  /** Samples of each class, whether there are pictures, and captions; a list of tasks does not say. */
  readonly counts?: readonly number[];
  readonly hasPictures?: boolean;
  /** The first captions, of the classes in turn. */
  readonly captions?: readonly string[];
};

/** Who can paint for a task. */
export type TeachersView = {
  readonly shipped: readonly {
    /** Of its folder, and of its sheet: `/api/teachers/NAME/samples.png`. */
    readonly name: string;
    readonly title: string;
    readonly description: string;
    /** Height and width in pixels that it paints. */
    readonly size: readonly [number, number];
  }[];
  /** The server has been told of an images API. */
  readonly remote: boolean;
};

/** A folder of `backbones` in the data directory: its name, and the path of its model.json. */
export type BackboneView = { readonly name: string; readonly url: string };

/** What became of an upload: which files were left out, and why. */
export type TaskUploadView = {
  readonly task: TaskView;
  /** The first of them. */
  readonly leftOut: readonly {
    readonly path: string;
    readonly line?: number;
    readonly reason: string;
  }[];
  readonly leftOutCount: number;
};

/** Of the base that a server trains from a task's public set. */
export type PreparationView = {
  /** `paused`: was stopped, and goes on from there when it is asked for again. */
  readonly state: "none" | "running" | "paused" | "failed" | "done";
  /** There is a base of the task as it is now, so that `trained` can be its teacher. */
  readonly ready: boolean;
  readonly limit?: { readonly steps: number } | { readonly minutes: number };
  /** The shipped base that it began with. */
  readonly from?: string;
  readonly step?: number;
  /** Of the limit, 0-1. */
  readonly fraction?: number;
  readonly loss?: number;
  readonly samplesPerSecond?: number;
  readonly secondsLeft?: number;
  /** Address of a PNG of what it paints, of the latest checkpoint. */
  readonly sheet?: string;
  /** Why it failed, or why what is there does not serve, and the way out. */
  readonly problem?: string;
  /** Why none can begin or go on now, and the way out. */
  readonly barred?: string;
};

/** How the teacher of an experiment paints what people ask for. */
export type PaintingTerms = {
  /** Public prompts that it has painted for the study; none before it has. */
  readonly prompts: readonly string[];
  /** The round that has taught it last; absent: it is its base. */
  readonly taughtIn?: number;
  /** Pictures, where each costs money: then it paints for participants alone. */
  readonly budget?: { readonly left: number; readonly of: number };
};

/** Something that somebody has asked a teacher for. */
export type PaintingView = {
  readonly id: string;
  readonly prompt: string;
  readonly state: "waiting" | "painting" | "done" | "failed";
  /** What others have asked for and is painted before. */
  readonly ahead: number;
  /** 0-1. */
  readonly fraction: number;
  /** Of a sheet, in the order of `shows`; `base`: untaught, `taught`: as after round `taughtIn`. */
  readonly pictures?: {
    readonly sheet: string;
    readonly columns: number;
    readonly shows: readonly ("base" | "taught")[];
    readonly taughtIn?: number;
  };
  readonly problem?: string;
};

/** Of a sheet of what a teacher paints for a study's prompts. */
export type PreviewView = {
  /** Of all that decides what it shows: the same for the same request. */
  readonly id: string;
  /** `none`: has not been asked for; `waiting`: others are painted first. */
  readonly state: "none" | "waiting" | "painting" | "stopped" | "failed" | "done";
  /** Of the painting, 0-1. */
  readonly fraction: number;
  /** Address of a PNG, once it is done. */
  readonly sheet?: string;
  /** Why it failed, and the way out. */
  readonly problem?: string;
};

/** Errors of the REST interface. */
export type ApiError = { readonly error: { readonly code: string; readonly message: string } };

/** Who asks, and whether this server has accounts at all: open and unclaimed are without. */
export type MeView = {
  readonly mode: "open" | "unclaimed" | "accounts";
  readonly by: "nobody" | "local" | "session" | "token";
  readonly role?: AccountRole;
  readonly maySpend: boolean;
  readonly name?: string;
  readonly email?: string;
  /** Host that passkeys are bound to. */
  readonly passkeyHost: string;
};

/** A page of the audit log, the latest first; `before`: where the next one begins. */
export type AuditView = { readonly entries: readonly AuditEntry[]; readonly before?: number };

export type AccountRole = "viewer" | "researcher" | "owner";
export type AccountView = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: AccountRole;
  readonly maySpend: boolean;
};
/** A link that makes one account. */
export type AccountLinkView = {
  readonly id: string;
  readonly role: AccountRole;
  readonly maySpend: boolean;
  readonly expiresAt: number;
  /** Whose password it sets; absent: it makes an account. */
  readonly holder?: string;
};
/** Whose password a link sets. */
export type PasswordLinkView = {
  readonly name: string;
  readonly email: string;
  readonly expiresAt: number;
};
export type NewAccountLinkView = { readonly token: string; readonly expiresAt: number };
export type ApiTokenView = {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly usedAt?: number;
};
export type PasskeyView = { readonly id: string; readonly name: string };

/** Backups that the server makes by itself, newest first; times are epoch milliseconds. */
export type BackupsView = {
  /** Absent where it has no folder for them. */
  readonly schedule?: { readonly everyMs: number; readonly keep: number };
  readonly backups: readonly { readonly name: string; readonly at: number }[];
  /** Absent while one is being made. */
  readonly nextAt?: number;
  /** Blobs of the one that is being made. */
  readonly making?: { readonly done: number; readonly of: number };
  /** Why the last try has failed. */
  readonly problem?: string;
};

/** What teachers have cost today, UTC, of what they may. */
export type SpendingView = {
  readonly kind: string;
  readonly title: string;
  readonly spent: number;
  readonly perDay: number;
};
