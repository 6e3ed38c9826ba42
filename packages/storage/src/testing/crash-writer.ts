import { argv, stdout } from "node:process";
import { experimentId } from "@tandem/core/ids";
import { openPgliteExperiments } from "../pglite-experiments";
import { event, record } from "./records";

/** Commits one event after the other until it is killed, and prints each once acknowledged. */
const store = await openPgliteExperiments({ directory: argv[2] });
await store.create(record("crash"));
for (let sequence = 1; ; sequence++) {
  await store.commit(experimentId("crash"), { events: [event(sequence)] });
  stdout.write(`${sequence}\n`);
}
