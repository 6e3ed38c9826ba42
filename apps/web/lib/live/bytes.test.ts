import type { ExperimentView } from "@tandem/protocol/view";
import { expect, it } from "vitest";
import { bytesOf } from "./bytes";

const of = (...down: readonly number[]) =>
  down.map((bytesDown) => ({ bytesUp: 1, bytesDown })) as never as ExperimentView["rounds"] &
    ExperimentView["clients"];

it("what is received is the same in rounds and clients, but for the data that clients were dealt", () => {
  expect(bytesOf({ rounds: of(100, 97), clients: of(859) })).toEqual({
    ...{ sent: 2, received: 859, data: 662 },
  });
});

it("what erased clients have moved is still counted with the rounds", () => {
  expect(bytesOf({ rounds: of(100), clients: of(0) })).toMatchObject({ received: 100, data: 0 });
});
