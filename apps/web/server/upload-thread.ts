import { parentPort } from "node:worker_threads";
import { createRunningSum, type RunningSum } from "@tandem/coordinator/running-sum";
import { mostKeptBytes } from "@tandem/coordinator/upload-reader";
import type { Payload } from "@tandem/core/payload";
import type { ServerHalf } from "@tandem/core/strategy";
import { decodeUpload, unpackPayload } from "@tandem/protocol/payload-codec";
import { strategyNamed } from "@tandem/strategies/registry";
import { buffersOf, failureOf, type OfReader, type Told, type ToThread } from "./upload-messages";

// The thread of `upload-threads.ts`: unpacks, judges and adds up, one message after the other.

type Reader = { readonly half: ServerHalf; readonly running: RunningSum };

const mostReaders = 16;
const readers = new Map<number, Reader>();
let sum: Payload | undefined;

function readerOf({ reader, strategy, config }: OfReader): Reader {
  const found = readers.get(reader) ?? open();
  readers.delete(reader);
  readers.set(reader, found);
  if (readers.size > mostReaders)
    for (const oldest of [...readers.keys()].slice(0, 1)) readers.delete(oldest);
  return found;

  function open(): Reader {
    const half = strategyNamed(strategy).server(config);
    return { half, running: createRunningSum(half, hasRoom) };
  }
}

function hasRoom(bytes: number): boolean {
  const used = [...readers.values()].reduce((all, { running }) => all + running.bytes(), 0);
  return used + bytes <= mostKeptBytes;
}

/** Nothing for what is not answered. */
async function answer(asked: ToThread): Promise<Told | undefined> {
  const { half, running } = readerOf(asked);
  switch (asked.type) {
    case "check": {
      const payload = await decodeUpload(asked.bytes, asked.outline);
      half.check(asked.client, payload);
      running.keep(asked, payload);
      return { ok: true };
    }
    case "take":
      running.take(asked.name, asked.upload);
      return undefined;
    case "give":
      return { ok: true, ...running.give(asked.name, asked.uploads) };
    case "add": {
      const { client, age, bytes, isFirst } = asked;
      const payload = await unpackPayload(bytes);
      sum = half.accumulate(isFirst ? undefined : sum, { client, age, payload });
      return { ok: true };
    }
    case "merge":
      sum = asked.isFirst || !sum ? asked.sum : half.merge(sum, asked.sum);
      return { ok: true };
    case "sum": {
      const whole = sum;
      sum = undefined;
      return { ok: true, sum: whole };
    }
  }
}

async function reply(asked: ToThread): Promise<void> {
  try {
    const told = await answer(asked);
    if (told) parentPort?.postMessage(told, buffersOf(told.sum));
  } catch (error) {
    parentPort?.postMessage(failureOf(error));
  }
}

let last = Promise.resolve();
parentPort?.on("message", (asked: ToThread) => {
  last = last.then(() => reply(asked));
});
