// Tensors of an ONNX file: their bytes in a row, or numbers in a field of the type. Source: onnx/onnx.proto of ONNX 1.16, TensorProto.
import { SIZES, codeOf, type DType } from '../../core/dtype';
import { tensorOfBytes } from '../../tensor/bytes';
import { MAX_DIMS } from '../../tensor/create';
import type { Tensor } from '../../tensor/tensor';
import { numelOf, settle } from '../byte-order';
import type { Field, Message } from './protobuf';

/** The dtypes by TensorProto.DataType. */
const DTYPES: Readonly<Record<number, DType>> = {
  1: 'float32', 2: 'uint8', 3: 'int8', 5: 'int16', 6: 'int32', 7: 'int64', 9: 'bool', 10: 'float16', 11: 'float64', 16: 'bfloat16',
};

/** The names of those that there are no tensors of. */
const OTHERS: Readonly<Record<number, string>> = {
  4: 'uint16', 8: 'string', 12: 'uint32', 13: 'uint64', 14: 'complex64', 15: 'complex128', 17: 'float8e4m3fn', 18: 'float8e4m3fnuz', 19: 'float8e5m2',
  20: 'float8e5m2fnuz', 21: 'uint4', 22: 'int4', 23: 'float4e2m1',
};

/** The dtype that ONNX has this number for; null where there is none here. */
export function dtypeOf(type: number): DType | null {
  return DTYPES[type] ?? null;
}

/** What ONNX calls a type. */
export function typeName(type: number): string {
  return DTYPES[type] ?? OTHERS[type] ?? `number ${type}`;
}

/** A tensor of a file, which was checked: as many elements as its shape says are there. */
export interface FileTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly numel: number;
  /** Null where there are no tensors of its type, `typeName`. */
  readonly dtype: DType | null;
  readonly typeName: string;
  readonly at: number;
  /** Writes its bytes, little-endian. */
  readonly fill: (bytes: Uint8Array) => void;
}

/** The fields that hold numbers by type, when they are not bytes in a row. */
const TYPED: Readonly<Record<DType, number>> = {
  float32: 4, float64: 10, int64: 7, int32: 5, int16: 5, int8: 5, uint8: 5, bool: 5, float16: 5, bfloat16: 5,
};

/** The bounds of what is held in 32-bit integers. Of halves these are the bits. */
const BOUNDS: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1], int16: [-(2 ** 15), 2 ** 15 - 1], int8: [-128, 127], uint8: [0, 255], bool: [0, 1], float16: [0, 65535], bfloat16: [0, 65535],
};

export function readTensor(message: Message): FileTensor {
  const shape: number[] = [];
  let [name, type] = ['', 0];
  let raw: Field | null = null;
  const fields = message.fields('a tensor');
  for (const field of fields) {
    if (field.number === 1) message.integers(field, 'a size', shape);
    if (field.number === 2) type = message.integer(field, 'an element type');
    if (field.number === 8) name = message.text(field, 'the name of a tensor');
    if (field.number === 9) raw = field;
  }
  const what = `tensor ${JSON.stringify(name)}`;
  const isOutside = fields.some((field) => field.number === 13 || (field.number === 14 && message.integer(field, `the location of ${what}`) === 1));
  if (isOutside) throw message.error(`${what} has its data in another file${locationOf(message, fields)}; save the model with the data inside`);
  if (shape.length > MAX_DIMS) throw message.error(`${what} has ${shape.length} dims; at most ${MAX_DIMS} are read`);
  const numel = numelOf(shape);
  if (numel === null) throw message.error(`${what} has sizes that are no natural numbers, or too many elements to count: [${shape.join(', ')}]`);
  const dtype = dtypeOf(type);
  const made = { name, shape, numel, dtype, typeName: typeName(type), at: message.start };
  // What is wrong with such a tensor is its type, which is said where it is used.
  if (dtype === null) return { ...made, fill: () => undefined };
  const size = SIZES[codeOf(dtype)!]!;
  const data = fields.filter(({ number }) => number === TYPED[dtype]);
  if (raw !== null) {
    const bytes = message.part(raw, `the data of ${what}`);
    if (bytes.length !== numel * size || data.length > 0) {
      throw message.error(`${what} of ${dtype} and shape [${shape.join(', ')}] must have ${numel * size} bytes of data, and has ${bytes.length}`, raw.at);
    }
    return { ...made, fill: (to) => { to.set(bytes); } };
  }
  const count = data.reduce((sum, field) => sum + countIn(message, field, dtype, what), 0);
  if (count !== numel) throw message.error(`${what} of ${dtype} and shape [${shape.join(', ')}] must have ${numel} elements, and has ${count}`);
  return { ...made, fill: (to) => { fillTyped(message, data, dtype, to); } };
}

function locationOf(message: Message, fields: readonly Field[]): string {
  for (const field of fields.filter(({ number }) => number === 13)) {
    const entry = message.message(field, 'a place of data');
    const texts = entry.fields('a place of data').map((part) => entry.text(part, 'a place of data'));
    if (texts[0] === 'location' && texts[1] !== undefined) return `, ${JSON.stringify(texts[1])}`;
  }
  return '';
}

/** How many elements a field has; checks each. */
function countIn(message: Message, field: Field, dtype: DType, what: string): number {
  if (dtype === 'float32' || dtype === 'float64') {
    const size = dtype === 'float32' ? 4 : 8;
    const length = field.end - field.start;
    if (field.wire === 0 || length % size !== 0) throw message.error(`the data of ${what} are no numbers of ${dtype}`, field.at);
    return length / size;
  }
  const bounds = BOUNDS[dtype];
  const check = (low: number, high: number, at: number): void => {
    const value = (high | 0) * 2 ** 32 + low;
    // Negative ones may be written as 32 bits or as 64.
    const signed = high === 0 && bounds !== undefined && bounds[0] < 0 ? low | 0 : value;
    if (bounds !== undefined && (signed < bounds[0] || signed > bounds[1])) throw message.error(`an element of ${what} is ${value}, which is none of ${dtype}`, at);
  };
  if (field.wire === 0) {
    check(field.low, field.high, field.at);
    return 1;
  }
  const varints = message.varints(field, what);
  let count = 0;
  for (; !varints.isDone; count++) {
    const { at } = varints;
    varints.next();
    check(varints.low, varints.high, at);
  }
  return count;
}

function fillTyped(message: Message, fields: readonly Field[], dtype: DType, to: Uint8Array): void {
  let at = 0;
  if (dtype === 'float32' || dtype === 'float64') {
    for (const { start, end } of fields) {
      to.set(message.bytes.subarray(start, end), at);
      at += end - start;
    }
    return;
  }
  const view = new DataView(to.buffer, to.byteOffset, to.byteLength);
  const size = SIZES[codeOf(dtype)!]!;
  const put = (low: number, high: number): void => {
    if (size === 1) view.setUint8(at, low & 0xff);
    else if (size === 2) view.setUint16(at, low & 0xffff, true);
    else view.setUint32(at, low, true);
    if (size === 8) view.setUint32(at + 4, high, true);
    at += size;
  };
  for (const field of fields) {
    if (field.wire === 0) {
      put(field.low, field.high);
      continue;
    }
    const varints = message.varints(field, 'a tensor');
    while (!varints.isDone) {
      varints.next();
      put(varints.low, varints.high);
    }
  }
}

/** The tensor, new. */
export function tensorOf({ dtype, shape, fill }: FileTensor): Tensor {
  const code = codeOf(dtype)!;
  return tensorOfBytes(code, shape, (bytes) => {
    fill(bytes);
    settle(bytes, code, false);
  });
}

/** A tensor that a file has as numbers of an attribute. */
export function madeTensor(name: string, dtype: 'float32' | 'int64', shape: readonly number[], values: readonly number[], at: number): FileTensor {
  const fill = (to: Uint8Array): void => {
    const made = dtype === 'float32' ? new Float32Array(values) : new BigInt64Array(values.map(BigInt));
    to.set(new Uint8Array(made.buffer));
  };
  return { name, shape, numel: values.length, dtype, typeName: dtype, at, fill };
}
