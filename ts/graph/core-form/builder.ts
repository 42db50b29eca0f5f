// Making a record call by call. Equal calls are made once.
import type { DType } from '../../core/dtype';
import type { Attribute, LoweredCall, LoweredConstant, LoweredValue } from './record';

/** A value in the making, by number. */
export type Id = number;

type Attributes = Readonly<Record<string, Attribute>>;

const FLOATS: readonly string[] = ['float16', 'bfloat16', 'float32', 'float64'];

/** Whether a dtype is of floating-point numbers. */
export function isFloat(dtype: DType): boolean {
  return FLOATS.includes(dtype);
}

/** The shape that shapes broadcast to. */
export function broadcast(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = shapes.map((shape) => shape[i - rank + shape.length] ?? 1);
    return sizes.find((n) => n !== 1) ?? 1;
  });
}

/** The number of elements of a shape. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** A record in the making, and the ops that rules are made of, as methods. */
export class Builder {
  readonly values: LoweredValue[] = [];
  readonly calls: LoweredCall[] = [];
  readonly constants: LoweredConstant[] = [];
  /** Constants that are a number beside tensors. */
  readonly #numbers = new Map<Id, number>();
  readonly #made = new Map<string, readonly Id[]>();
  readonly #filled = new Map<string, Id>();
  readonly #constants = new Map<Id, number>();

  readonly #seed: number;
  /** How often the function has run, from which engines make random numbers; there is none where no op draws. */
  #draws: Id | null = null;
  #streams = 0;

  /** Counters of random numbers begin where `seed` says. */
  constructor(seed = 0) {
    this.#seed = seed;
  }

  value(value: LoweredValue): Id {
    this.values.push({ dtype: value.dtype, shape: [...value.shape] });
    return this.values.length - 1;
  }

  shape(id: Id): readonly number[] {
    return this.values[id]!.shape;
  }

  dtype(id: Id): DType {
    return this.values[id]!.dtype;
  }

  /** A constant of the record. */
  constant(value: LoweredValue, rest: Omit<LoweredConstant, 'value'>): Id {
    const id = this.value(value);
    this.constants.push({ value: id, ...rest });
    if (rest.number !== undefined) this.#constants.set(id, rest.number);
    return id;
  }

  /** A constant that takes on the dtype of what it is beside. */
  number(value: LoweredValue, number: number): Id {
    const id = this.filled(number, value.dtype, value.shape);
    this.#numbers.set(id, number);
    return id;
  }

  /** Whether it takes on the dtype of what it is beside. */
  isNumber(id: Id): boolean {
    return this.#numbers.has(id);
  }

  /** What all elements of a constant are, if that is known. */
  known(id: Id): number | undefined {
    return this.#constants.get(id);
  }

  /** `number` everywhere. */
  filled(number: number, dtype: DType, shape: readonly number[] = []): Id {
    const key = `${Object.is(number, -0) ? '-0' : number} ${dtype} ${shape.join()}`;
    let id = this.#filled.get(key);
    if (id === undefined) this.#filled.set(key, (id = this.constant({ dtype, shape }, { number })));
    return id;
  }

  /** Integers in order. */
  integers(list: readonly number[], shape: readonly number[] = [list.length]): Id {
    const key = `int64 [${list.join()}] ${shape.join()}`;
    let id = this.#filled.get(key);
    if (id === undefined) this.#filled.set(key, (id = this.constant({ dtype: 'int64', shape }, { elements: [...list] })));
    return id;
  }

  /** Uniform numbers in [0, 1), float32; each call has others, and so has each run. */
  random(shape: readonly number[]): Id {
    this.#draws ??= this.constant({ dtype: 'int64', shape: [] }, { name: 'random', elements: [this.#seed] });
    return this.one('rand', [this.#draws], { stream: this.#streams++, size: [...shape] }, { dtype: 'float32', shape });
  }

  /** What the counter of random numbers holds after a run. */
  draws(): { constant: Id; value: Id }[] {
    return this.#draws === null ? [] : [{ constant: this.#draws, value: this.plus(this.#draws, 1) }];
  }

  call(op: string, inputs: readonly (Id | null)[], attributes: Attributes, outputs: readonly LoweredValue[]): readonly Id[] {
    const key = JSON.stringify([op, inputs, attributes, outputs]);
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = outputs.map((value) => this.value(value));
    this.calls.push({ op, inputs, attributes, outputs: made });
    this.#made.set(key, made);
    return made;
  }

  one(op: string, inputs: readonly (Id | null)[], attributes: Attributes, value: LoweredValue): Id {
    return this.call(op, inputs, attributes, [value])[0]!;
  }

  /** An op of one tensor that keeps shape and dtype. */
  unary(op: string, x: Id): Id {
    return this.one(op, [x], {}, this.values[x]!);
  }

  /** An op of two tensors of one dtype, element by element. */
  binary(op: string, a: Id, b: Id, dtype: DType = this.dtype(a)): Id {
    return this.one(op, [a, b], {}, { dtype, shape: broadcast([this.shape(a), this.shape(b)]) });
  }

  add(a: Id, b: Id): Id { return this.binary('add', a, b); }
  sub(a: Id, b: Id): Id { return this.binary('sub', a, b); }
  mul(a: Id, b: Id): Id { return this.binary('mul', a, b); }
  div(a: Id, b: Id): Id { return this.binary('div', a, b); }

  /** `x` times a number. */
  times(x: Id, number: number): Id {
    return number === 1 ? x : this.mul(x, this.filled(number, this.dtype(x)));
  }

  /** `x` plus a number. */
  plus(x: Id, number: number): Id {
    return number === 0 ? x : this.add(x, this.filled(number, this.dtype(x)));
  }

  where(condition: Id, a: Id, b: Id): Id {
    const shape = broadcast([condition, a, b].map((id) => this.shape(id)));
    return this.one('where', [condition, a, b], {}, { dtype: this.dtype(a), shape });
  }

  /** `x` in another dtype. */
  to(x: Id, dtype: DType): Id {
    if (this.dtype(x) === dtype) return x;
    const number = this.#constants.get(x);
    if (number !== undefined) return this.filled(isFloat(dtype) ? number : dtype === 'bool' ? Number(number !== 0) : Math.trunc(number), dtype, this.shape(x));
    return this.one('to', [x], { dtype }, { dtype, shape: this.shape(x) });
  }

  reshape(x: Id, shape: readonly number[]): Id {
    if (this.shape(x).join() === shape.join()) return x;
    return this.one('reshape', [x], { shape: [...shape] }, { dtype: this.dtype(x), shape });
  }

  permute(x: Id, dims: readonly number[]): Id {
    if (dims.every((d, i) => d === i)) return x;
    return this.one('permute', [x], { dims: [...dims] }, { dtype: this.dtype(x), shape: dims.map((d) => this.shape(x)[d]!) });
  }

  /** Two dims for each other. */
  transpose(x: Id, a = -2, b = -1): Id {
    const rank = this.shape(x).length;
    const dims = Array.from({ length: rank }, (_, i) => i);
    const [i, j] = [(a + rank) % rank, (b + rank) % rank];
    [dims[i], dims[j]] = [j, i];
    return this.permute(x, dims);
  }

  expand(x: Id, size: readonly number[]): Id {
    if (this.shape(x).join() === size.join()) return x;
    const number = this.#constants.get(x);
    if (number !== undefined) return this.filled(number, this.dtype(x), size);
    return this.one('expand', [x], { size: [...size] }, { dtype: this.dtype(x), shape: size });
  }

  cat(parts: readonly Id[], dim: number): Id {
    if (parts.length === 1) return parts[0]!;
    const shape = [...this.shape(parts[0]!)];
    shape[dim] = parts.reduce((n, x) => n + this.shape(x)[dim]!, 0);
    return this.one('cat', parts, { dim }, { dtype: this.dtype(parts[0]!), shape });
  }

  /** Elements `start` to `end` of a dim, in steps. */
  slice(x: Id, dim: number, start: number, end: number, step = 1): Id {
    const shape = [...this.shape(x)];
    if (start === 0 && end === shape[dim] && step === 1) return x;
    shape[dim] = Math.max(0, Math.ceil((end - start) / step));
    return this.one('slice', [x], { dim, start, end, step }, { dtype: this.dtype(x), shape });
  }

  /** A reduction over dims, which are kept as 1 where `keepdim`. */
  reduce(op: 'sum' | 'amax' | 'amin' | 'prod', x: Id, dim: readonly number[], keepdim: boolean): Id {
    if (dim.length === 0) return x;
    const shape = this.shape(x).flatMap((n, i) => (dim.includes(i) ? (keepdim ? [1] : []) : [n]));
    return this.one(op, [x], { dim: [...dim], keepdim }, { dtype: this.dtype(x), shape });
  }

  sum(x: Id, dim: readonly number[], keepdim = false): Id {
    return this.reduce('sum', x, dim, keepdim);
  }

  mean(x: Id, dim: readonly number[], keepdim = false): Id {
    return this.times(this.sum(x, dim, keepdim), 1 / elements(dim.map((d) => this.shape(x)[d]!)));
  }

  /** A product of matrices; leading dims broadcast. */
  matmul(a: Id, b: Id): Id {
    const [left, right] = [this.shape(a), this.shape(b)];
    const lead = broadcast([left.slice(0, -2), right.slice(0, -2)]);
    return this.one('matmul', [a, b], {}, { dtype: this.dtype(a), shape: [...lead, left.at(-2)!, right.at(-1)!] });
  }

  /** `exp(x) / Σ exp(x)` along a dim. */
  softmax(x: Id, dim: number): Id {
    const powers = this.unary('exp', this.sub(x, this.reduce('amax', x, [dim], true)));
    return this.div(powers, this.sum(powers, [dim], true));
  }

  /** `x − log Σ exp(x)` along a dim. */
  logSoftmax(x: Id, dim: number): Id {
    const below = this.sub(x, this.reduce('amax', x, [dim], true));
    return this.sub(below, this.unary('log', this.sum(this.unary('exp', below), [dim], true)));
  }

  /** `x` with the rows of `source` added at places of the first dim. */
  indexAdd(x: Id, index: Id, source: Id): Id {
    return this.one('indexAdd', [x, index, source], { dim: 0 }, this.values[x]!);
  }
}
