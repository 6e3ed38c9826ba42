import { constants, inflateRawSync, inflateSync } from "node:zlib";
import type { OwnData } from "@tandem/client/own-data";
import type { LabelledSet } from "@tandem/core/data";
import { decodePayload } from "@tandem/protocol/payload-codec";
import type { Sent } from "../observed-channel";

/** Of each picture two runs of so many bytes are looked for: enough that none is there by chance. */
const run = 24;

/** What of somebody's samples is found in what was sent: plain, in base64, deflated, in sheets or as floats. */
export function tracesOf(own: readonly OwnData[], sent: readonly Sent[]): readonly string[] {
  const needles = own.flatMap(({ train, heldOut }, owner) =>
    [train, heldOut].flatMap((set) =>
      needlesOf(set).map(({ what, bytes }) => ({
        what: `${what} of ${owner}`,
        forms: formsOf(bytes),
      })),
    ),
  );
  const haystacks = sent.flatMap((one) =>
    "blob" in one ? readingsOf(one.blob) : readingsOf(Buffer.from(JSON.stringify(one.body))),
  );
  return needles
    .filter(({ forms }) => haystacks.some((hay) => forms.some((form) => hay.includes(form))))
    .map(({ what }) => what);
}

function needlesOf({ images, features, captions = [], size }: LabelledSet) {
  const stride = images ? images.data.length / size : 0;
  const pictures = Array.from({ length: images ? size : 0 }, (_, row) =>
    [0.3, 0.7].map((place) => {
      const start = row * stride + Math.floor(place * stride);
      return {
        what: `picture ${row}`,
        bytes: Buffer.from(images?.data.subarray(start, start + run) ?? []),
      };
    }),
  );
  const width = features ? features.data.length / size : 0;
  const rows = Array.from({ length: features ? size : 0 }, (_, row) => ({
    what: `features ${row}`,
    bytes: Buffer.from(
      new Uint8Array(features?.data.slice(row * width, row * width + 6).buffer ?? []),
    ),
  }));
  const texts = captions.map((text, row) => ({ what: `caption ${row}`, bytes: Buffer.from(text) }));
  // What a sample lacks is blank.
  return [...pictures.flat(), ...rows, ...texts].filter(({ bytes }) =>
    bytes.some((one) => one > 0),
  );
}

/** As they are, and what base64 makes of them wherever they begin in a text. */
const formsOf = (bytes: Buffer): readonly string[] => [
  bytes.toString("latin1"),
  ...[0, 1, 2].map((skip) => {
    const whole = bytes.subarray(skip, skip + 3 * Math.floor((bytes.length - skip) / 3));
    return whole.toString("base64");
  }),
];

/** Bytes, and everything that can be unpacked of them. */
function readingsOf(bytes: Uint8Array): readonly string[] {
  const plain = [bytes, ...inflations(bytes)];
  const unpacked = plain.flatMap((one) => {
    try {
      const { arrays, meta } = decodePayload(one);
      return [
        Buffer.from(JSON.stringify(meta)),
        ...Object.values(arrays).flatMap(({ dtype, data }) => [
          new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
          ...(dtype === "f32" ? [Uint8Array.from(data, (value) => Math.round(255 * value))] : []),
        ]),
      ];
    } catch {
      return []; // not a payload
    }
  });
  return [...plain, ...unpacked].map((one) => Buffer.from(one).toString("latin1"));
}

/** Whatever inflates to something, from the start or from what looks like a zlib header. */
function inflations(bytes: Uint8Array): readonly Uint8Array[] {
  const attempt = (inflate: typeof inflateSync, from: number) => {
    try {
      const whole = inflate(bytes.subarray(from), { finishFlush: constants.Z_SYNC_FLUSH });
      return whole.length >= run ? [whole] : [];
    } catch {
      return [];
    }
  };
  const headers = [...bytes.keys()].filter(
    (i) => bytes[i] === 0x78 && ((bytes[i] << 8) | (bytes[i + 1] ?? 0)) % 31 === 0,
  );
  return [...attempt(inflateRawSync, 0), ...headers.flatMap((from) => attempt(inflateSync, from))];
}
