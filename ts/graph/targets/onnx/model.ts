// An ONNX model in the making. Source of field numbers and types: onnx/onnx.proto of ONNX 1.16.
import type { DType } from '../../../core/dtype';
import type { LoweredValue } from '../../core-form/record';
import { Message } from './protobuf';

/** TensorProto.DataType. */
const TYPES: Readonly<Record<DType, number>> = {
  float32: 1, uint8: 2, int8: 3, int16: 5, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11, bfloat16: 16,
};

/** AttributeProto.AttributeType. */
const ATTRIBUTE = { int: 2, text: 3, tensor: 4, ints: 7 } as const;

/** The number that ONNX has for a dtype. */
export function typeOf(dtype: DType): number {
  return TYPES[dtype];
}

/** Elements of a dtype as bytes, little-endian. Halves are given as bytes by those who have them. */
function bytesOf(elements: readonly number[], dtype: DType): Uint8Array {
  const values = {
    float32: () => new Float32Array(elements), float64: () => new Float64Array(elements), int64: () => new BigInt64Array(elements.map(BigInt)),
    int32: () => new Int32Array(elements), int16: () => new Int16Array(elements), int8: () => new Int8Array(elements),
    uint8: () => new Uint8Array(elements), bool: () => new Uint8Array(elements), float16: null, bfloat16: null,
  }[dtype]?.();
  if (values === undefined) throw new Error(`constants of ${dtype} are no part of models`);
  return new Uint8Array(values.buffer);
}

function tensorProto(name: string, { dtype, shape }: LoweredValue, data: readonly number[] | Uint8Array): Message {
  const tensor = new Message();
  for (const n of shape) tensor.int(1, n);
  return tensor.int(2, TYPES[dtype]).text(8, name).bytes(9, data instanceof Uint8Array ? data : bytesOf(data, dtype));
}

function valueInfo(name: string, { dtype, shape }: LoweredValue): Message {
  const dims = new Message();
  for (const n of shape) dims.message(1, new Message().int(1, n));
  const type = new Message().message(1, new Message().int(1, TYPES[dtype]).message(2, dims));
  return new Message().text(1, name).message(2, type);
}

/** An attribute of a node: an integer, a list of these, a word, or one element as a tensor. */
export type NodeAttribute = number | string | readonly number[] | { readonly number: number; readonly dtype: DType };

/** A graph of nodes. */
export class Model {
  readonly #nodes: Message[] = [];
  readonly #initializers: Message[] = [];
  readonly #inputs: Message[] = [];
  readonly #outputs: Message[] = [];
  readonly #lists = new Map<string, string>();
  #names = 0;
  readonly #taken: Set<string>;

  /** `taken` are the names that parameters have. */
  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  /** A name that no other value has. */
  fresh(): string {
    while (this.#taken.has(`t${this.#names}`)) this.#names++;
    return `t${this.#names++}`;
  }

  /** The name, or where a parameter has it, the name with a `_`. */
  free(name: string): string {
    let free = name;
    while (this.#taken.has(free)) free += '_';
    this.#taken.add(free);
    return free;
  }

  input(name: string, value: LoweredValue): void {
    this.#inputs.push(valueInfo(name, value));
  }

  output(name: string, value: LoweredValue): void {
    this.#outputs.push(valueInfo(name, value));
  }

  initializer(name: string, value: LoweredValue, data: readonly number[] | Uint8Array): void {
    this.#initializers.push(tensorProto(name, value, data));
  }

  /** Integers as a constant, for nodes that take lists as inputs. */
  list(list: readonly number[]): string {
    const key = list.join();
    let name = this.#lists.get(key);
    if (name === undefined) {
      this.#lists.set(key, (name = this.free(`list${this.#lists.size}`)));
      this.initializer(name, { dtype: 'int64', shape: [list.length] }, list);
    }
    return name;
  }

  /** A node; `outputs` are names, or how many fresh ones. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, NodeAttribute>> = {}, outputs: readonly string[] = [this.fresh()]): readonly string[] {
    const node = new Message();
    for (const name of inputs) node.text(1, name);
    for (const name of outputs) node.text(2, name);
    node.text(4, op);
    for (const [name, value] of Object.entries(attributes)) {
      const attribute = new Message().text(1, name);
      if (typeof value === 'number') attribute.int(3, value).int(20, ATTRIBUTE.int);
      else if (typeof value === 'string') attribute.text(4, value).int(20, ATTRIBUTE.text);
      else if ('dtype' in value) attribute.message(5, tensorProto('', { dtype: value.dtype, shape: [1] }, [value.number])).int(20, ATTRIBUTE.tensor);
      else {
        for (const n of value) attribute.int(8, n);
        attribute.int(20, ATTRIBUTE.ints);
      }
      node.message(5, attribute);
    }
    this.#nodes.push(node);
    return outputs;
  }

  /** The model as bytes, of this version of the operator set. */
  finish(name: string, opset: number): Uint8Array {
    const graph = new Message();
    for (const node of this.#nodes) graph.message(1, node);
    graph.text(2, name);
    for (const initializer of this.#initializers) graph.message(5, initializer);
    for (const input of this.#inputs) graph.message(11, input);
    for (const output of this.#outputs) graph.message(12, output);
    const opsets = new Message().text(1, '').int(2, opset);
    return new Message().int(1, 8).text(2, 'adjoint').message(7, graph).message(8, opsets).finish();
  }
}
