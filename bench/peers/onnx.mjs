// Writes ONNX models: as much of the format as the bench's networks need.
// Field numbers and types: onnx.proto of https://github.com/onnx/onnx, IR version 8.

const FLOAT = 1;
const INT64 = 7;

function varint(n) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(n));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const int = (field, n) => Buffer.concat([varint(field << 3), varint(n)]);
const bytes = (field, content) => Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
const text = (field, s) => bytes(field, Buffer.from(s));
const message = (field, ...parts) => bytes(field, Buffer.concat(parts));
const float = (field, x) => {
  const four = Buffer.alloc(4);
  four.writeFloatLE(x);
  return Buffer.concat([varint((field << 3) | 5), four]);
};

function attribute(name, value) {
  if (Array.isArray(value)) return message(5, text(1, name), ...value.map((n) => int(8, n)), int(20, 7));
  if (typeof value === 'string') return message(5, text(1, name), text(4, value), int(20, 3));
  return Number.isInteger(value) ? message(5, text(1, name), int(3, value), int(20, 2)) : message(5, text(1, name), float(2, value), int(20, 1));
}

const valueInfo = (field, name, type, dims) =>
  message(field, text(1, name), message(2, message(1, int(1, type), message(2, ...dims.map((d) => message(1, int(1, d)))))));

/** A graph under construction. `add` returns the name of its node's first output. */
export class Onnx {
  #nodes = [];
  #initializers = [];
  #inputs = [];
  #outputs = [];
  #count = 0;

  input(name, dims, type = 'float32') {
    this.#inputs.push(valueInfo(11, name, type === 'int64' ? INT64 : FLOAT, dims));
    return name;
  }

  /** A constant; an Int32Array becomes int64, the type of ONNX's shapes and indices. */
  constant(values, dims = [values.length]) {
    const name = `c${this.#count++}`;
    const isInteger = values instanceof Int32Array;
    const data = isInteger ? BigInt64Array.from(values, BigInt) : Float32Array.from(values);
    this.#initializers.push(
      message(5, ...dims.map((d) => int(1, d)), int(2, isInteger ? INT64 : FLOAT), text(8, name), bytes(9, Buffer.from(data.buffer))),
    );
    return name;
  }

  add(op, inputs, attributes = {}, outputs = 1) {
    const names = Array.from({ length: outputs }, () => `v${this.#count++}`);
    const parts = Object.entries(attributes).map(([name, value]) => attribute(name, value));
    this.#nodes.push(message(1, ...inputs.map((n) => text(1, n)), ...names.map((n) => text(2, n)), text(4, op), ...parts));
    return outputs === 1 ? names[0] : names;
  }

  output(name, dims) {
    this.#outputs.push(valueInfo(12, name, FLOAT, dims));
  }

  /** The bytes of the model, in operator set 20. */
  model() {
    const graph = message(7, ...this.#nodes, text(2, 'bench'), ...this.#initializers, ...this.#inputs, ...this.#outputs);
    return Buffer.concat([int(1, 8), graph, message(8, text(1, ''), int(2, 20))]);
  }
}
