// The forms of a record: as the instance gives it, and over few ops.
import type { DType } from '../../core/dtype';

/** An argument that is no tensor. */
export type Attribute = null | boolean | number | string | readonly (number | null)[];

/** What is known of a value without running. */
export interface LoweredValue {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** One call. */
export interface LoweredCall {
  readonly op: string;
  readonly inputs: readonly (number | null)[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly number[];
}

/** A value that is there before a step. */
export interface LoweredConstant {
  readonly value: number;
  /** The name of a parameter or buffer, of a state of an optimizer, of the gradient of a parameter (`weight.grad`), `lr` or `step`. */
  readonly name?: string;
  /** What all elements are. */
  readonly number?: number;
  /** The elements in order. */
  readonly elements?: readonly number[];
}

/** A record in functional form over few ops. */
export interface LoweredRecord {
  readonly values: readonly LoweredValue[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly constants: readonly LoweredConstant[];
  readonly calls: readonly LoweredCall[];
  /** What constants hold after a step. */
  readonly updates: readonly { readonly constant: number; readonly value: number }[];
  /** The gradients that parameters, by their constants, have after a step and that no later step reads. */
  readonly gradients: readonly { readonly constant: number; readonly value: number }[];
}

/** One call as the instance gives it: a hidden output that nothing reads is null. */
export interface RawCall {
  readonly op: string;
  readonly inputs: readonly (number | null)[];
  /** The parameter that each input is given for. */
  readonly parameters: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly (number | null)[];
  /** Whether it is a step of an optimizer. */
  readonly isStep?: boolean;
}

/** A record as the instance gives it. */
export interface RawRecord {
  readonly values: readonly LoweredValue[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly constants: readonly RawConstant[];
  readonly calls: readonly RawCall[];
  readonly updates: readonly (readonly [constant: number, value: number])[];
  readonly gradients: readonly (readonly [constant: number, value: number])[];
}

/** A constant as the instance gives it. */
export interface RawConstant {
  readonly value: number;
  /** The constant of the program that it is. */
  readonly of?: number;
  /** The leaf, a constant of the program, whose gradient it is. */
  readonly gradientOf?: number;
  readonly number?: number | 'NaN' | 'Infinity' | '-Infinity';
  /** Whether it is a number beside tensors, which takes on their dtype. */
  readonly isNumber?: boolean;
}
