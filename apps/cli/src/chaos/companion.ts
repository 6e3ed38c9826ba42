import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const farewellMs = 15_000;

type ToChild =
  | { readonly type: "job"; readonly job: unknown }
  | { readonly type: "note"; readonly note: unknown }
  | { readonly type: "stop" };

/** A process beside the run, whose load is its own. */
export type Companion<Note, Told> = {
  note(note: Note): void;
  /** What it has told last. */
  last(): Told | undefined;
  /** Asks it to end, and ends it after 15 s. Gives back why it did not end well, if so. */
  stop(): Promise<string | undefined>;
};

/** Starts the process of `module`, which serves `Job` by `serveCompanion`. Job, notes and what it tells travel as JSON. */
export function startCompanion<Job, Note, Told>(module: URL, job: Job): Companion<Note, Told> {
  const child = fork(fileURLToPath(module), {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  let last: Told | undefined;
  let fault: string | undefined;
  let hasExited = false;
  child.on("message", (told: Told) => {
    last = told;
  });
  const exited = new Promise<void>((resolve) => {
    const end = (how: string | undefined) => {
      process.off("exit", kill);
      hasExited = true;
      fault ??= how;
      resolve();
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, by) =>
      end(code === 0 ? undefined : `its process ended with ${by ?? code}`),
    );
  });
  const send = (message: ToChild) => {
    if (child.connected) child.send(message, () => {}); // its end is noticed by `exit`
  };
  send({ type: "job", job });
  return {
    note: (note) => send({ type: "note", note }),
    last: () => last,
    async stop() {
      if (hasExited) return fault ?? "its process ended before it was asked to";
      send({ type: "stop" });
      const timer = setTimeout(() => {
        fault = `it had not ended ${farewellMs / 1000} s after it was asked to`;
        kill();
      }, farewellMs);
      await exited;
      clearTimeout(timer);
      return fault;
    },
  };
}

/** The other side: works until the signal is aborted, and ends the process. */
export function serveCompanion<Job, Note, Told>(
  work: (
    job: Job,
    way: {
      readonly signal: AbortSignal;
      readonly onNote: (handler: (note: Note) => void) => void;
      readonly tell: (told: Told) => Promise<void>;
    },
  ) => Promise<void>,
): void {
  const abort = new AbortController();
  let handle: (note: Note) => void = () => {};
  const tell = (told: Told) =>
    new Promise<void>((resolve) => {
      process.send?.(told, undefined, undefined, () => resolve());
    });
  process.once("disconnect", () => process.exit(1)); // nobody is left to tell
  process.on("message", (message: ToChild) => {
    if (message.type === "stop") abort.abort();
    else if (message.type === "note") handle(message.note as Note);
    else
      work(message.job as Job, {
        signal: abort.signal,
        onNote(handler) {
          handle = handler;
        },
        tell,
      }).then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
          process.exit(1);
        },
      );
  });
}
