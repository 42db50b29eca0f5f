// The types of functions that transforms take and return.
import type { Tensor } from '../tensor/tensor';

/** A function to transform. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any function; Parameters and ReturnType say which
export type Fn = (...args: any[]) => any;

/** Which arguments to differentiate: a position, which may count from the end, or several. */
export type Argnums = number | readonly number[];

/** What has the structure of the chosen arguments. */
export type Chosen<F extends Fn, N extends Argnums> = N extends number
  ? Parameters<F>[N]
  : { -readonly [K in keyof N]: Parameters<F>[N[K] & number] };

/** The first of the pair that a function with auxiliary outputs returns. */
export type Main<F extends Fn> = ReturnType<F> extends readonly [infer Out, unknown] ? Out : never;

/** The second of that pair, which is handed through. */
export type Aux<F extends Fn> = ReturnType<F> extends readonly [unknown, infer Out] ? Out : never;

/** The options of transforms that choose arguments. */
export interface ArgnumsOptions<N extends Argnums> {
  /** Which arguments to differentiate; the first by default. */
  argnums?: N;
  /** Whether the function returns `[output, aux]`, of which only the output is differentiated. */
  hasAux?: boolean;
}

/** The options of `jacrev`. */
export interface JacrevOptions<N extends Argnums> extends ArgnumsOptions<N> {
  /** Accepted for PyTorch's sake: rows are computed one after the other as it is. */
  chunkSize?: number | null;
}

/**
 * A Jacobian: for each tensor of the output and each of the argument a tensor of shape `[...output, ...argument]`, in the
 * structure of the output with that of the argument in each place.
 */
export type Jacobian<Out, In> = Out extends Tensor
  ? In extends Tensor
    ? Tensor
    : In extends object
      ? { [K in keyof In]: Jacobian<Out, In[K]> }
      : unknown
  : Out extends object
    ? { [K in keyof Out]: Jacobian<Out[K], In> }
    : unknown;

/** The Jacobian of a Jacobian. */
export type Hessian<Out, In> = Jacobian<Jacobian<Out, In>, In>;
