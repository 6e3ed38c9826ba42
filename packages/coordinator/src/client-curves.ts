import type { ClientCurvesView } from "@tandem/protocol/live-view";
import type { Runtime } from "./runtime";

/** What each client has measured round by round, to the fourth digit; of those of whom nothing is known, nothing. */
export function clientCurves({ clients, metrics, rounds }: Runtime): ClientCurvesView {
  const numbers = [...rounds.keys()];
  const column = new Map(numbers.map((round, i) => [round, i]));
  const curves = new Map<string, (number | null)[]>();
  for (const { client, round, metrics: own } of metrics) {
    const at = column.get(round);
    if (client === undefined || own.accuracy === undefined || at === undefined) continue;
    const values = curves.get(client) ?? numbers.map(() => null);
    values[at] = Math.round(own.accuracy * 1e4) / 1e4;
    curves.set(client, values);
  }
  return {
    rounds: numbers,
    clients: [...clients.values()].flatMap(({ record: { id, name, slot, modality } }) => {
      const accuracy = curves.get(id);
      return accuracy ? [{ id, name, slot, modality, accuracy }] : [];
    }),
  };
}
