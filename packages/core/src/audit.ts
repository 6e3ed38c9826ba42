/** Who does something: an account, by its owner or by a program with its token, or none. */
export type AuditActor =
  | "account"
  | "token"
  /** This machine's user: on the command line, or while nobody has an account. */
  | "machine"
  /** Holds a place in an experiment, and has no name here. */
  | "participant"
  | "nobody"
  | "server";

/** Who have no name here, and may be anybody. */
export const strangers: readonly AuditActor[] = ["participant", "nobody"];

/** Something that was done or tried, by whom. What accounts were called is as it was then. */
export type AuditRecord = {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly by: AuditActor;
  readonly account?: string;
  readonly name?: string;
  readonly role?: string;
  /** What its owner calls the API token. */
  readonly token?: string;
  readonly action: string;
  /** Id of what it was done to. */
  readonly thing?: string;
  readonly detail?: string;
  /** `failed`: part of it may have been done. */
  readonly outcome: "done" | "refused" | "failed";
  readonly reason?: string;
  /** How often, where what is alike has been counted together. */
  readonly count: number;
};

/** As it is kept; later ones have greater sequences. */
export type AuditEntry = AuditRecord & { readonly sequence: number };

/** A line of the log as a file; times are ISO 8601, UTC. */
export const auditLine = ({ at, ...rest }: AuditEntry): string =>
  `${JSON.stringify({ at: new Date(at).toISOString(), ...rest })}\n`;

export type AuditFilter = {
  /** Part of a name, or an actor. */
  readonly who?: string;
  readonly action?: string;
  /** Part of the thing's id. */
  readonly thing?: string;
  /** Epoch milliseconds, the former inclusive. */
  readonly from?: number;
  readonly until?: number;
  /** A sequence. */
  readonly before?: number;
};
