import type { SourceFile } from "./files/source-file";
import type { Progress } from "./intake";

const intervalMs = 100;
/** After less time a rate tells too little. */
const leastMs = 1000;

export type Reporter = {
  /** A file of so many bytes is through. */
  done(bytes: number, isTaken: boolean): void;
  end(): void;
};

/** Tells how far it is: at the start, at the end and ten times a second, however long a file takes. */
export function createReporter(
  files: readonly Pick<SourceFile, "size">[],
  progress: (progress: Progress) => void = () => {},
): Reporter {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const counts = { filesDone: 0, bytesDone: 0, taken: 0, leftOut: 0 };
  const startedAt = performance.now();
  const tell = () => {
    const elapsed = performance.now() - startedAt;
    const { bytesDone } = counts;
    progress({
      files: files.length,
      bytes,
      ...counts,
      ...(elapsed > leastMs &&
        bytesDone > 0 && { remainingMs: (elapsed * (bytes - bytesDone)) / bytesDone }),
    });
  };
  const timer = setInterval(tell, intervalMs);
  tell();
  return {
    done(size, isTaken) {
      counts.filesDone++;
      counts.bytesDone += size;
      counts[isTaken ? "taken" : "leftOut"]++;
    },
    end() {
      clearInterval(timer);
      tell();
    },
  };
}
