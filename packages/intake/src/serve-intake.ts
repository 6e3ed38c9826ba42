import { codeOf, messageOf, TandemError } from "@tandem/core/errors";
import type { BackboneReference } from "@tandem/core/task";
import { sourceOf } from "./files/picked-source";
import type { Intake, PictureFeatures } from "./intake";
import type { IntakePort, IntakeToPage, PageToIntake } from "./messages";
import type { PictureDecoder } from "./pictures/decoder";
import { readSources } from "./read-sources";

/** Pictures and rows in one message: a few milliseconds of the page's time. */
const batch = 500;

type Port = IntakePort<IntakeToPage, PageToIntake>;
export type OpenFeatures = (backbone: BackboneReference) => Promise<PictureFeatures>;

/**
 * Reads, for the page at the other end, the files that it sends; each reading ends by itself. A task's
 * backbone is opened with its first files; without `openFeatures` those of such a task are refused.
 */
export function serveIntake(
  port: Port,
  decoder: PictureDecoder,
  openFeatures: OpenFeatures = refused,
): void {
  const running = new Map<number, AbortController>();

  async function read({ id, files, task }: Extract<PageToIntake, { type: "read" }>) {
    const abort = new AbortController();
    running.set(id, abort);
    const { backbone } = task;
    try {
      const intake = await readSources(files.map(sourceOf), {
        task,
        decoder,
        ...(backbone && { features: await openFeatures(backbone) }),
        signal: abort.signal,
        progress: (progress) => port.postMessage({ type: "progress", id, progress }, []),
      });
      send(port, id, intake);
    } catch (error) {
      const code = codeOf(error) ?? "unavailable";
      port.postMessage({ type: "failed", id, code, message: messageOf(error) }, []);
    } finally {
      running.delete(id);
    }
  }

  port.addEventListener("message", ({ data }) => {
    if (data.type === "read") void read(data);
    else running.get(data.id)?.abort();
  });
}

const refused = () =>
  Promise.reject(
    new TandemError("not-supported", "Files of a study with a backbone are not read here."),
  );

function send(port: Port, id: number, { reading }: Intake) {
  for (const pictures of batchesOf(reading.pictures))
    port.postMessage(
      { type: "pictures", id, pictures },
      pictures.map(({ pixels }) => pixels.buffer as ArrayBuffer), // each has a buffer of its own
    );
  for (const [table, { rows }] of reading.tables.entries())
    for (const some of batchesOf(rows))
      port.postMessage({ type: "rows", id, table, rows: some }, []);
  const tables = reading.tables.map((table) => ({ ...table, rows: [] }));
  port.postMessage({ type: "done", id, reading: { ...reading, pictures: [], tables } }, []);
}

function* batchesOf<T>(values: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < values.length; at += batch) yield values.slice(at, at + batch);
}
