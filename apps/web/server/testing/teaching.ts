import { counterServer } from "@tandem/coordinator/testing/world";
import type { ServerHalf } from "@tandem/core/strategy";
import { type Arrays, f32 } from "@tandem/core/tensor";

/** Rank 1 over one layer; what it holds tells the round that has taught it. */
export const lessonOf = (round: number): Arrays => ({
  "unet.conv.lora_A.weight": f32([1, 3], [round, 0.1, -0]),
  "unet.conv.lora_B.weight": f32([2, 1], [round, 1 / 3]),
});

/** Keeps its adapter with the rest of its state, and teaches nothing in the first round. */
export const teaching: ServerHalf = {
  ...counterServer,
  conclude: async (state, sum, env) => {
    const { meta } = (await counterServer.conclude(state, sum, env)).state;
    return { state: { ...state, meta }, metrics: {} };
  },
  teach: async (state, { round }) => ({
    state: { ...state, arrays: round === 1 ? {} : lessonOf(round) },
    metrics: {},
  }),
  adapter: ({ arrays }) => (Object.keys(arrays).length > 0 ? arrays : undefined),
};
