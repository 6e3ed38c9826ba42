import { type Logger, pino } from "pino";
import pretty from "pino-pretty";

/** Standard output belongs to the `ready` line; logs go to standard error. */
export function createLog(level: string): Logger {
  const destination = process.stderr.isTTY
    ? pretty({ destination: 2, ignore: "pid,hostname", sync: true })
    : pino.destination({ dest: 2, sync: true });
  return pino({ level, base: null }, destination);
}
