import { concatenated } from "@tandem/core/tensor";
import { topological } from "./gradients";
import type { Attribute, Operation, Tensor } from "./tensor";

/** Minimal protobuf wire format: every message is a list of byte chunks. */
const utf8 = new TextEncoder();
function varint(value: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return bytes;
}
const integer = (field: number, value: number | bigint) =>
  Uint8Array.from([...varint(field << 3), ...varint(value)]);
function bytes(field: number, content: Uint8Array): Uint8Array {
  const head = [...varint((field << 3) | 2), ...varint(content.length)];
  const out = new Uint8Array(head.length + content.length);
  out.set(head);
  out.set(content, head.length);
  return out;
}
const text = (field: number, value: string) => bytes(field, utf8.encode(value));
const message = (parts: readonly Uint8Array[]) => concatenated(Uint8Array, parts);

// Field numbers are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
const elementType = { f32: 1, i64: 7, bool: 9 } as const;
const raw = (values: Float32Array | BigInt64Array) =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

const initializer = (name: string, tensor: Tensor, values: Float32Array | BigInt64Array) =>
  message([
    ...tensor.shape.map((extent) => integer(1, extent)),
    integer(2, elementType[tensor.dtype]),
    text(8, name),
    bytes(9, raw(values)),
  ]);

function attribute(name: string, value: Attribute): Uint8Array {
  if (typeof value === "number") return message([text(1, name), integer(3, value), integer(20, 2)]);
  if (typeof value === "string") return message([text(1, name), text(4, value), integer(20, 3)]);
  if (!("real" in value))
    return message([text(1, name), ...value.map((v) => integer(8, v)), integer(20, 7)]);
  const float = new Uint8Array(Float32Array.of(value.real).buffer);
  return message([text(1, name), Uint8Array.from([(2 << 3) | 5, ...float]), integer(20, 1)]);
}

function valueInfo(name: string, tensor: Tensor, batch?: string): Uint8Array {
  const dimensions = tensor.shape.map((extent, axis) =>
    bytes(1, batch !== undefined && axis === 0 ? text(2, batch) : integer(1, extent)),
  );
  const type = message([integer(1, elementType[tensor.dtype]), bytes(2, message(dimensions))]);
  return message([text(1, name), bytes(2, bytes(1, type))]);
}

/**
 * The graph that computes the named outputs, as an ONNX ModelProto (opset 18). With the name of a `batch` the
 * first axis of all inputs and outputs may have any length: that no operation fixes it is up to the caller.
 */
export function encodeOnnx(
  outputs: Readonly<Record<string, Tensor>>,
  { batch }: { readonly batch?: string } = {},
): Uint8Array {
  const names = new Map<Operation, string>();
  const constants = new Map<Tensor, string>();
  const parts: Uint8Array[] = [text(2, "tandem")];
  const inputs = new Set<string>();
  const nameOf = ({ source, ...tensor }: Tensor): string => {
    if (source.kind === "input") return source.name;
    if (source.kind === "constant") throw new Error(`constant of [${tensor.shape}] was not named`);
    return `${names.get(source.operation)}.${source.index}`;
  };
  const reference = (tensor: Tensor) => constants.get(tensor) ?? nameOf(tensor);
  for (const tensor of topological(Object.values(outputs))) {
    const { source } = tensor;
    if (source.kind === "constant") {
      const name = `c${constants.size}`;
      constants.set(tensor, name);
      parts.push(bytes(5, initializer(name, tensor, source.values)));
    } else if (source.kind === "input") {
      if (inputs.has(source.name)) continue;
      inputs.add(source.name);
      parts.push(bytes(11, valueInfo(source.name, tensor, batch)));
    } else if (!names.has(source.operation)) {
      const { operation } = source;
      const name = `n${names.size}`;
      names.set(operation, name);
      parts.push(
        bytes(
          1,
          message([
            ...operation.inputs.map((t) => text(1, reference(t))),
            ...Array.from({ length: operation.outputs }, (_, i) => text(2, `${name}.${i}`)),
            text(4, operation.type),
            ...Object.entries(operation.attributes).map(([key, value]) =>
              bytes(5, attribute(key, value)),
            ),
          ]),
        ),
      );
    }
  }
  for (const [name, tensor] of Object.entries(outputs)) {
    const identity = [text(1, reference(tensor)), text(2, name), text(4, "Identity")];
    parts.push(bytes(1, message(identity)), bytes(12, valueInfo(name, tensor, batch)));
  }
  return message([integer(1, 9), bytes(8, integer(2, 18)), bytes(7, message(parts))]);
}
