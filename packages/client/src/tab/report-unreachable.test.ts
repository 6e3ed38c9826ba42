import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { reportUnreachable } from "./report-unreachable";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const codes: (string | undefined)[] = [];
  let turn = (_: boolean) => {};
  const stop = reportUnreachable({
    channel: {
      onConnection(handler) {
        turn = handler;
        handler(false);
        return () => {
          turn = () => {};
        };
      },
    },
    update: ({ error }) => codes.push(error?.code),
  });
  return { codes, stop, turn: (connected: boolean) => turn(connected) };
}

it("a server that does not answer for five seconds is reported once", () => {
  const { codes } = watched();
  vi.advanceTimersByTime(4999);
  expect(codes).toEqual([]);
  vi.advanceTimersByTime(20_000);
  expect(codes).toEqual(["unavailable"]);
});

it("a connection in time says nothing, and its loss starts the wait again", () => {
  const { codes, turn } = watched();
  vi.advanceTimersByTime(3000);
  turn(true);
  vi.advanceTimersByTime(20_000);
  turn(false);
  vi.advanceTimersByTime(4999);
  expect(codes).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(codes).toEqual(["unavailable"]);
});

it("nothing is reported after the end", () => {
  const { codes, stop } = watched();
  stop();
  vi.advanceTimersByTime(20_000);
  expect(codes).toEqual([]);
});
