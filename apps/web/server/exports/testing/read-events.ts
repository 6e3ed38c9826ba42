export type ReadEvent = {
  /** Seconds. */
  readonly wallTime: number;
  readonly step: number;
  readonly version?: string;
  readonly scalars: Readonly<Record<string, number>>;
  readonly texts: Readonly<Record<string, string>>;
};

/** Reads an event file by the formats' definitions alone; throws for a checksum that does not match. */
export function readEvents(file: Uint8Array): readonly ReadEvent[] {
  const bytes = Buffer.from(file);
  const events: ReadEvent[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    check(bytes.subarray(at, at + 8), bytes.readUInt32LE(at + 8));
    const data = bytes.subarray(at + 12, at + 12 + length);
    check(data, bytes.readUInt32LE(at + 12 + length));
    events.push(eventOf(data));
    at += 16 + length;
  }
  return events;
}

function eventOf(data: Buffer): ReadEvent {
  const fields = fieldsOf(data);
  const summary = fields.find(({ number }) => number === 5);
  const values = summary ? fieldsOf(summary.bytes).map(({ bytes }) => fieldsOf(bytes)) : [];
  const scalars: Record<string, number> = {};
  const texts: Record<string, string> = {};
  for (const value of values) {
    const part = (number: number) => value.find((one) => one.number === number)?.bytes;
    const tag = String(part(1));
    const [simple, tensor] = [part(2), part(8)];
    if (simple) scalars[tag] = simple.readFloatLE();
    if (tensor) texts[tag] = String(fieldsOf(tensor).find(({ number }) => number === 8)?.bytes);
  }
  const version = fields.find(({ number }) => number === 3);
  return {
    wallTime: fields.find(({ number }) => number === 1)?.bytes.readDoubleLE() ?? Number.NaN,
    step: fields.find(({ number }) => number === 2)?.value ?? 0,
    ...(version && { version: String(version.bytes) }),
    scalars,
    texts,
  };
}

/** Of a protobuf message; `value` of varints, `bytes` of all others. */
function fieldsOf(data: Buffer) {
  const fields: { number: number; value: number; bytes: Buffer }[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = data[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const key = varint();
    const type = key & 7;
    if (type === 0) {
      fields.push({ number: key >> 3, value: varint(), bytes: Buffer.alloc(0) });
      continue;
    }
    const length = type === 1 ? 8 : type === 5 ? 4 : varint();
    fields.push({ number: key >> 3, value: 0, bytes: data.subarray(at, at + length) });
    at += length;
  }
  return fields;
}

/** RFC 3720, B.4, a bit at a time, and TFRecord's mask. */
function check(bytes: Uint8Array, masked: number): void {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  const rotated = (masked - 0xa282ead8) >>> 0;
  const found = ((rotated << 15) | (rotated >>> 17)) >>> 0;
  if (found !== (crc ^ 0xffffffff) >>> 0) throw new Error("a checksum does not match");
}
