import { clientId } from "@tandem/core/ids";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import { f32, u8 } from "@tandem/core/tensor";
import { decodePayload, encodePayload } from "@tandem/protocol/payload-codec";
import { expect, it } from "vitest";
import { askAbout } from "./painted-set";
import { archived, pastFor, revised } from "./past-sets";
import { askedSet, recall, remember } from "./remembered-sets";

const client = {
  id: clientId("c"),
  modality: "image",
  architecture: "any",
  samples: 4,
} as const;
const reader = { ...client, modality: "text" } as const;
const config = { cachedSets: 2, catchUp: true };
const picture = (value: number) => u8([1, 1, 1, 3], [value, value, value]);
const told = (value: number) => f32([1, 1], [value]);
const overWire = (payload: Payload) => decodePayload(encodePayload(payload));

/** What the set of a round is, what becomes known of it, and the state that follows. */
const meta = (set: number) => ({
  set,
  classes: 1,
  prompts: ["p"],
  captions: [`${set}`],
  labels: [0],
});
const painted = (set: number, before: Payload, archive = config): Payload => {
  const past = archived(before, archive);
  const { "knowledge/target": last } = before.arrays;
  return overWire({
    arrays: { ...past.arrays, images: picture(set), ...(last && { "last/target": last }) },
    meta: { ...meta(set), ...past.meta, last: before.meta.set ?? null },
    encoding: { ...past.encoding, images: "png" },
  });
};
const concluded = (state: Payload): Payload => ({
  ...state,
  arrays: { ...state.arrays, "knowledge/target": told(Number(state.meta.set)) },
});
const stateAt = (set: number, archive = config): Payload =>
  painted(set, set === 1 ? emptyPayload : concluded(stateAt(set - 1, archive)), archive);

function instruct(state: Payload, answered?: number, who: typeof client | typeof reader = client) {
  const asked = askAbout(state, who);
  const past = pastFor(state, who, { answered, known: { target: "f16" } });
  const { "last/target": target } = state.arrays;
  return overWire({
    arrays: { ...asked.arrays, ...past.arrays, ...(target && { target }) },
    meta: { ...asked.meta, ...past.meta, knowledgeOf: state.meta.last ?? null },
    encoding: { ...asked.encoding, ...past.encoding },
  });
}
/** Set, picture and knowledge of each set that a client knows after an instruction. */
const known = (memory: Payload, instruction: Payload) =>
  recall(memory, instruction).map(({ set, images, knowledge }) => [
    set,
    images?.data[0],
    knowledge?.target.data[0],
  ]);

it("a newcomer is told the last sets and what is known of them", () => {
  expect(known(emptyPayload, instruct(stateAt(5), 0))).toEqual([
    [3, 3, 3],
    [4, 4, 4],
  ]);
  expect(known(emptyPayload, instruct(stateAt(2), 0))).toEqual([[1, 1, 1]]);
  expect(known(emptyPayload, instruct(stateAt(5), 0, reader))).toEqual([
    [3, undefined, 3],
    [4, undefined, 4],
  ]);
});

it("who has missed rounds is told of those, and keeps what it knows", () => {
  const memory = remember([
    { ...askedSet(stateAt(2)), knowledge: { target: told(9) } },
    askedSet(stateAt(3)), // answered, and nothing heard of it since
  ]);
  expect(known(memory, instruct(stateAt(5), 3))).toEqual([
    [2, 2, 9],
    [3, 3, 3],
    [4, 4, 4],
  ]);
  // Without the archive it goes on with what it has.
  const off = { ...config, catchUp: false };
  expect(known(memory, instruct(stateAt(5, off), 3))).toEqual([
    [2, 2, 9],
    [3, 3, undefined],
  ]);
});

it("who has missed nothing is sent the same bytes as without an archive", () => {
  const off = { ...config, catchUp: false };
  for (const answered of [4, undefined])
    expect(encodePayload(instruct(stateAt(5), answered))).toEqual(
      encodePayload(instruct(stateAt(5, off), answered)),
    );
  expect(encodePayload(instruct(stateAt(5), 3)).length).toBeGreaterThan(
    encodePayload(instruct(stateAt(5), 4)).length,
  );
});

it("a set that is concluded anew is told once more, its pictures are not", () => {
  const state = revised(concluded(stateAt(5)), 4, { target: told(8) });
  expect(revised(concluded(stateAt(5)), 1, { target: told(8) })).toEqual(concluded(stateAt(5)));
  const next = painted(6, state);
  const memory = remember([
    { ...askedSet(stateAt(4)), knowledge: { target: told(4) } },
    askedSet(stateAt(5)),
  ]);
  const instruction = instruct(next, 5);
  expect(Object.keys(instruction.arrays).sort()).toEqual(["images", "past/4/target", "target"]);
  expect(known(memory, instruction)).toEqual([
    [4, 4, 8],
    [5, 5, 5],
  ]);
  // Who does not have the set cannot use it, and the round after says nothing more of it.
  expect(known(emptyPayload, instruction)).toEqual([]);
  expect(known(emptyPayload, instruct(next, 0))).toEqual([
    [4, 4, 8],
    [5, 5, 5],
  ]);
  const after = instruct(painted(7, concluded(next)), 6);
  expect(Object.keys(after.arrays).sort()).toEqual(["images", "target"]);
});
