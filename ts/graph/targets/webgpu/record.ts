// What the target reads: a record in functional form, and a call of it with its arguments.
import { UsageError } from '../../../core/errors';
import type { DType } from '../../../core/dtype';
import type { Tensor } from '../../../tensor/tensor';
import { count } from './layout';
import { type Kind } from './lazy';

/** An argument that is no tensor. */
export type Attribute = number | boolean | string | null | readonly number[] | readonly Attribute[];

/** A call of an op. */
export interface RecordedCall {
  /** The op's name; `_maxPool2d` where a public op is made of it. */
  readonly op: string;
  readonly inputs: readonly (number | null)[];
  /** The parameter of each input. */
  readonly parameters?: readonly string[];
  /** All arguments that are no tensors, by name. */
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** What it makes; null for what nothing reads. A step of an optimizer makes new lists of what it writes, in order. */
  readonly outputs: readonly (number | null)[];
}

/** A record in functional form: every value is made once, and nothing is written. */
export interface FunctionalRecord {
  readonly values: readonly { readonly dtype: DType; readonly shape: readonly number[] }[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Values that are there before a step; the number that all elements are, where they are one and stay it. */
  readonly constants: readonly { readonly value: number; readonly name?: string; readonly number?: number; readonly elements?: readonly number[] }[];
  readonly calls: readonly RecordedCall[];
  /** What constants hold after a step. */
  readonly updates: readonly { readonly constant: number; readonly value: number }[];
}

/** A record, and what its constants hold. */
export interface Functional {
  readonly record: FunctionalRecord;
  /** What a constant holds before the next step, to be released by the caller; null where its elements are in the record. */
  constant(value: number): Tensor | null;
  /** Releases what it holds. */
  dispose(): void;
}

const KINDS: Readonly<Record<string, Kind>> = { float32: 'f32', int64: 'i32', int32: 'i32', int16: 'i32', int8: 'i32', uint8: 'i32', bool: 'bool' };

/** What a dtype is on the device; undefined for those it has not. */
export function kindOf(dtype: string): Kind | undefined {
  return KINDS[dtype];
}

/** A call with its shapes. */
export class Call {
  readonly op: string;
  readonly inputs: readonly (number | null)[];
  readonly outputs: readonly (number | null)[];
  readonly parameters: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly #record: FunctionalRecord;

  constructor(record: FunctionalRecord, { op, inputs, outputs, attributes, parameters = [] }: RecordedCall) {
    this.#record = record;
    this.op = op;
    this.inputs = inputs;
    this.outputs = outputs;
    this.attributes = attributes;
    this.parameters = parameters;
  }

  /** The shape of output `i`. */
  shape(i = 0): readonly number[] {
    const value = this.outputs[i];
    return value === null || value === undefined ? [] : this.#record.values[value]!.shape;
  }

  /** The kind of output `i`. */
  kind(i = 0): Kind {
    const value = this.outputs[i];
    return value === null || value === undefined ? 'f32' : kindOf(this.#record.values[value]!.dtype)!;
  }

  get size(): number {
    return count(this.shape());
  }

  /** An attribute that is a number; `otherwise` where it is not given. */
  number(name: string, otherwise?: number): number {
    const value = this.attributes[name];
    if (typeof value === 'number') return value;
    if (value === 'Infinity' || value === '-Infinity' || value === 'NaN') return Number(value);
    if (typeof value === 'boolean') return Number(value);
    if ((value === undefined || value === null) && otherwise !== undefined) return otherwise;
    throw this.#without(name, 'a number');
  }

  /** An attribute that is a list of numbers, or a number as a list of one; null where it is not given. */
  list(name: string): readonly number[] | null {
    const value = this.attributes[name];
    if (value === undefined || value === null) return null;
    if (typeof value === 'number') return [value];
    if (Array.isArray(value)) return value as readonly number[];
    throw this.#without(name, 'a list of numbers');
  }

  /** As `list`, of what must be there. */
  numbers(name: string): readonly number[] {
    const list = this.list(name);
    if (list === null) throw this.#without(name, 'a list of numbers');
    return list;
  }

  is(name: string): boolean {
    return this.attributes[name] === true;
  }

  text(name: string, otherwise: string): string {
    const value = this.attributes[name];
    return typeof value === 'string' ? value : otherwise;
  }

  #without(name: string, what: string): UsageError {
    return new UsageError(`webgpu: ${this.op} needs ${what} as ${name}, and the record has ${JSON.stringify(this.attributes[name])}`, 'webgpu');
  }
}
