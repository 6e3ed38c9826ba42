import { u8 } from "@tandem/core/tensor";

/** Four of 32 pixels, a ramp of another colour each. */
export const pictures = u8(
  [4, 32, 32, 3],
  Array.from({ length: 4 * 32 * 32 * 3 }, (_, at) => {
    const [picture, row, channel] = [Math.floor(at / 3072), Math.floor(at / 96) % 32, at % 3];
    return channel === picture % 3 ? 8 * row : 40 * picture;
  }),
);
