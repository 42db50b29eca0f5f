// One case of the breadth bench: inputs, what the library does with them, and the same in PyTorch's words.
//
// The table is shared: inputs are data from which both sides make the same numbers (inputs.ts, peers/torch_breadth.py), and the
// Python of a case stands beside its TypeScript.
import type { DType, Tensor } from 'adjoint';

/** Numbers of one input. `normal` is a sum of three uniform numbers, with mean 0 and variance 1; `integers` are in `[low, high)`. */
export interface Input {
  readonly kind: 'normal' | 'uniform' | 'integers' | 'bools';
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly low: number;
  readonly high: number;
}

/** Numbers around 0 with variance 1, float32 without a dtype. */
export const normal = (shape: readonly number[], dtype: DType = 'float32'): Input => ({ kind: 'normal', shape, dtype, low: 0, high: 1 });
/** Numbers between two bounds, 0.1 and 1 without them, so that logarithms and quotients are tame. */
export const uniform = (shape: readonly number[], low = 0.1, high = 1, dtype: DType = 'float32'): Input => ({ kind: 'uniform', shape, dtype, low, high });
/** Whole numbers in `[low, high)`. */
export const integers = (low: number, high: number, shape: readonly number[], dtype: DType = 'int64'): Input => ({ kind: 'integers', shape, dtype, low, high });
/** True with probability one half. */
export const bools = (shape: readonly number[]): Input => ({ kind: 'bools', shape, dtype: 'bool', low: 0, high: 2 });

export type Inputs = Readonly<Record<string, Input>>;

/** One measured call, and its backward pass where `of` names inputs that have a gradient. */
export interface Case {
  /** Within its family; `softmax`, `softmax.dim0`. */
  readonly name: string;
  /** The inputs by name, at `n` times the usual size, of 1/4, 1/2 and 1. Where they do not depend on `n` there is no growth to measure. */
  readonly inputs: (n: number) => Inputs;
  /** What it gives: tensors, of which the values are compared with PyTorch's, or something else. */
  readonly ours: (inputs: Readonly<Record<string, Tensor>>) => unknown;
  /** The same as a Python expression of the inputs' names, `torch`, `F`, `nn` and `setitem(x, index, value)`. */
  readonly torch: string;
  /** The inputs whose gradients the backward pass is asked for; none: forward alone. */
  readonly of?: readonly string[];
  /** Floating-point operations of the forward pass, for its part of the peak of multiply-adds. */
  readonly flops?: number;
  /** Whether it draws numbers: then shapes alone are compared. */
  readonly isRandom?: boolean;
  /** How its cost may grow with `n` where that is more than linear: the power. */
  readonly power?: number;
}

/** A case that is a program: `ours` prepares it, and so does `torch`, with the names of `torch_subject.py` as `models`. */
export interface Program {
  readonly name: string;
  readonly prepare: () => () => unknown;
  readonly torch: string;
}

export const isProgram = (made: Case | Program): made is Program => 'prepare' in made;

/** Cases that are judged by one goal. */
export interface Family {
  readonly name: string;
  readonly title: string;
  /** At most this many times PyTorch's time: the median of pairs that were measured one after the other. */
  readonly ofTorch: number;
  /** Whether a forward pass reads its inputs and writes its outputs once, and little else: it is then held against a copy. */
  readonly isMemory?: boolean;
  /** Calls in one scope and one sample at least: small ones are called as a program would. */
  readonly each?: number;
  readonly cases: readonly (Case | Program)[];
}

/** The side of large matrices. */
export const SIDE = 1024;

/** A case on a million numbers around 0, `[1024 n, 1024]`, with its gradient unless `of` says otherwise. */
export const million = (name: string, ours: (x: Tensor) => unknown, torch: string, rest: Partial<Case> = {}): Case => ({
  name,
  inputs: (n) => ({ x: normal([SIDE * n, SIDE]) }),
  ours: ({ x }) => ours(x!),
  torch,
  of: ['x'],
  ...rest,
});

/** A case on a million positive numbers. */
export const positive = (name: string, ours: (x: Tensor) => unknown, torch: string, rest: Partial<Case> = {}): Case =>
  million(name, ours, torch, { inputs: (n) => ({ x: uniform([SIDE * n, SIDE]) }), ...rest });

/** A case on two tensors of a million numbers. */
export const pair = (name: string, ours: (x: Tensor, y: Tensor) => unknown, torch: string, rest: Partial<Case> = {}): Case => ({
  name,
  inputs: (n) => ({ x: normal([SIDE * n, SIDE]), y: uniform([SIDE * n, SIDE]) }),
  ours: ({ x, y }) => ours(x!, y!),
  torch,
  of: ['x', 'y'],
  ...rest,
});
