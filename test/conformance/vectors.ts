// The recorded vectors: what a file holds, and how it is read. README.md describes the format.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A tensor: its logical content, row-major. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly data: readonly (number | string)[];
  readonly requiresGrad?: boolean;
  /** The elements of the storage it is a window on, where that is not contiguous; strides in elements. */
  readonly strided?: { readonly base: readonly (number | string)[]; readonly stride: readonly number[]; readonly offset: number };
}

/** An argument or an output as JSON has it. */
export type Encoded = null | boolean | string | number | readonly Encoded[] | { readonly [key: string]: unknown };

/** Tensors by the path of an input, such as `args.0` or `kwargs.weight`, or by the index of an output. */
export type ByPath = Readonly<Record<string, TensorSpec | null>>;

/** How far results may differ. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** What is compared. */
export type Group = 'outputs' | 'grads' | 'gradgrads';

/** A call and what it gave. */
export interface Sample {
  readonly id: string;
  readonly tags?: readonly string[];
  readonly args: readonly Encoded[];
  readonly kwargs?: Readonly<Record<string, Encoded>>;
  readonly argNames?: readonly string[];
  readonly post?: string;
  readonly outputKind: string;
  readonly outputs: readonly Encoded[];
  readonly cotangents?: Readonly<Record<string, TensorSpec>>;
  readonly grads?: ByPath;
  readonly v?: Readonly<Record<string, TensorSpec>>;
  readonly gradgrads?: ByPath;
  readonly gradgradCotangents?: ByPath;
  readonly f32?: boolean;
  readonly tol32?: Readonly<Partial<Record<Group, Tolerance>>>;
  readonly inplace?: boolean;
  readonly method?: boolean;
}

/** A call that must fail. */
export interface ErrorCase {
  readonly id: string;
  readonly args: readonly Encoded[];
  readonly kwargs?: Readonly<Record<string, Encoded>>;
  readonly argNames?: readonly string[];
  readonly error: { readonly type: string; readonly message: string };
  readonly category: 'binding' | 'value';
}

/** An op of PyTorch, with its variant where it has one. */
export interface OpVectors {
  readonly op: string;
  readonly name: string;
  readonly kind: 'function' | 'method' | 'property';
  readonly ts: string;
  readonly differentiable: boolean;
  readonly method: string | null;
  readonly inplace: string | null;
  readonly aliases: readonly string[];
  readonly samples: readonly Sample[];
  readonly errors: readonly ErrorCase[];
}

/** A row of the index. */
export interface IndexRow {
  readonly op: string;
  readonly ts: string;
  readonly tier: number;
  readonly file: string;
  readonly samples: number;
  readonly errors: number;
}

const folder = new URL('./vectors/', import.meta.url);

/** All ops that were recorded. */
export const index = (JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as { ops: readonly IndexRow[] }).ops;

/** The vectors of one op. */
export function load(row: IndexRow): OpVectors {
  return JSON.parse(gunzipSync(readFileSync(new URL(row.file, folder))).toString('utf8')) as OpVectors;
}
