/** A scalar's name and value. */
export type Scalar = readonly [tag: string, value: number];
/** `wallTime`: epoch milliseconds. */
export type Point = {
  readonly step: number;
  readonly wallTime: number;
  readonly scalars: readonly Scalar[];
};

/**
 * TensorBoard's event file: `Event` messages (tensorflow/core/util/event.proto) framed as TFRecords, the
 * first with the version, the second with `text` where there is one, then a message for each point.
 */
export function eventFile(options: {
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly text?: { readonly tag: string; readonly value: string };
  readonly points: readonly Point[];
}): Uint8Array {
  const { startedAt, text, points } = options;
  const events = [
    event(startedAt, 0, field(3, encode("brain.Event:2"))),
    ...(text ? [event(startedAt, 0, field(5, field(1, textValue(text.tag, text.value))))] : []),
    ...points.map(({ step, wallTime, scalars }) =>
      event(wallTime, step, field(5, joined(scalars.map((scalar) => field(1, simple(scalar)))))),
    ),
  ];
  return joined(events.map(framed));
}

function event(at: number, step: number, what: Uint8Array): Uint8Array {
  const time = new Uint8Array(9);
  time[0] = (1 << 3) | 1;
  new DataView(time.buffer).setFloat64(1, at / 1000, true);
  return joined([time, ...(step === 0 ? [] : [Uint8Array.of(2 << 3), varint(step)]), what]);
}

/** `Summary.Value`. */
function simple([tag, value]: Scalar): Uint8Array {
  const number = new Uint8Array(5);
  number[0] = (2 << 3) | 5;
  new DataView(number.buffer).setFloat32(1, value, true);
  return joined([field(1, encode(tag)), number]);
}

/** A `Summary.Value` for the plugin of texts: a tensor of one string. */
function textValue(tag: string, text: string): Uint8Array {
  const stringType = 7;
  const shape = field(2, field(2, joined([Uint8Array.of(1 << 3), varint(1)])));
  const tensor = joined([Uint8Array.of(1 << 3, stringType), shape, field(8, encode(text))]);
  const metadata = field(1, field(1, encode("text")));
  return joined([field(1, encode(tag)), field(8, tensor), field(9, metadata)]);
}

function framed(data: Uint8Array): Uint8Array {
  const head = new Uint8Array(12);
  const view = new DataView(head.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(head.subarray(0, 8)), true);
  const tail = new Uint8Array(4);
  new DataView(tail.buffer).setUint32(0, maskedCrc32c(data), true);
  return joined([head, data, tail]);
}

/** Length-delimited. */
const field = (number: number, bytes: Uint8Array): Uint8Array =>
  joined([Uint8Array.of((number << 3) | 2), varint(bytes.length), bytes]);

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.from([...bytes, rest]);
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const joined = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0x82f63b78 : 0);
  return value;
});

/** CRC-32C, turned and shifted as TFRecord has it, so that a checksum of checksums tells something. */
function maskedCrc32c(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 255];
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
