// A program of calls as data, so that it can be written to a file, run again and made smaller.

/** A tensor to make. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: string;
  /** Which values it has: small ones, indices below `below`, or NaN, infinities and the ends of the ranges of integers. */
  readonly fill: 'small' | 'index' | 'edge';
  readonly below?: number;
  /** Draws the values. */
  readonly seed: number;
  readonly layout: 'dense' | 'transposed' | 'strided' | 'expanded' | 'offset';
  readonly requiresGrad: boolean;
  readonly disposed?: boolean;
}

/** A function to hand over: runs steps on its parameters. */
export interface FunctionSpec {
  readonly body: readonly Step[];
  readonly gives: Value;
  readonly throws?: boolean;
}

/** An argument. Strings, booleans, null and finite numbers stand for themselves. */
export type Value =
  | null
  | boolean
  | string
  | number
  | { readonly number: string }
  | { readonly bigint: string }
  | { readonly special: 'undefined' | 'symbol' | 'date' | 'null prototype' }
  | { readonly list: readonly Value[] }
  | { readonly iterable: readonly Value[] }
  | { readonly object: Readonly<Record<string, Value>> }
  | { readonly typed: string; readonly values: readonly number[] }
  | { readonly tensor: TensorSpec }
  | { readonly fn: FunctionSpec }
  /** What an earlier step of the same body gave, or a part of it. */
  | { readonly ref: number; readonly at?: readonly (string | number)[] }
  /** A parameter of the function whose body this is. */
  | { readonly parameter: number }
  /** An instance that the package has, by its path. */
  | { readonly constant: string }
  | { readonly fixture: string };

/** What a call runs under. */
export const CONTEXTS = ['scope', 'noGrad', 'inferenceMode', 'backward', 'doubleBackward', 'vmap', 'jvp', 'jacobian', 'capture', 'checkpoint'] as const;
export type Context = (typeof CONTEXTS)[number];

/** One call. */
export type Step =
  | { readonly make: Value }
  | { readonly dispose: Value }
  /** Takes memory until at most this many bytes are left. */
  | { readonly fill: number }
  | {
      readonly call: string;
      readonly how: 'call' | 'new' | 'method' | 'get' | 'set';
      readonly on?: Value;
      readonly args: readonly Value[];
      readonly under?: Context;
    };

export type Program = readonly Step[];
