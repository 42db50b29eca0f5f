// Functions of one sample as functions of a batch: PyTorch's torch.vmap.
import { refuseInCapture } from '../core/capturing';
import { describe } from '../core/describe';
import { ShapeError, UsageError } from '../core/errors';
import { cat } from '../generated/functions';
import { anyObject, callable, integerFrom, kind, word, type Kind } from '../core/kinds';
import { mapNested, type Nesting } from '../core/nested';
import { named, parameters, type Stated } from '../core/options';
import { isObject } from '../core/plain-object';
import { getRngState, setRngState } from '../tensor/random';
import { Tensor, wrap } from '../tensor/tensor';
import { checked } from '../runtime/last-error';
import { wasm } from '../runtime/wasm';
import { eachLeaf, mapTensors, withTensors } from '../tensor/tree';
import type { Fn } from './types';

/** The dim of the samples: for all tensors, or by argument, in its structure. `null` is for what all samples share. */
export type Dims = number | null | readonly Dims[] | { readonly [key: string]: Dims };

/** Whether samples draw random numbers, and whether each draws its own. */
export type Randomness = 'error' | 'different' | 'same';

interface Options {
  inDims?: Dims;
  outDims?: Dims;
  randomness?: Randomness;
  /** How many samples run at a time, where their values at once would need too much memory; all where it is null. */
  chunkSize?: number | null;
}

const dims = anyObject as Kind<Dims>;

interface Mapped {
  readonly value: unknown;
  readonly dims: Dims;
}

/** Values with the dims that say how they are mapped, which have the same structure or a prefix of it. */
const mapped = (where: string): Nesting<Mapped> => ({
  keys({ value, dims }) {
    if (typeof dims === 'number' || dims === null) return null;
    const keys = isObject(value) && !(value instanceof Tensor) ? Object.keys(value) : [];
    const given = Object.keys(dims);
    if (keys.length !== given.length || keys.some((key) => !given.includes(key))) {
      throw new UsageError(`${where} is not compatible with the structure of the value: got ${describeDims(dims)} for ${describe(value)}`, 'vmap');
    }
    return keys;
  },
  part: ({ value, dims }, key) => ({ value: (value as Record<string, unknown>)[key], dims: (dims as Record<string, Dims>)[key]! }),
  holder: ({ dims }) => dims as object,
});

/** Dims as JSON, where they are not too deep for it. */
function describeDims(dims: Dims): string {
  try {
    return JSON.stringify(dims);
  } catch {
    return describe(dims);
  }
}

/** Calls `visit` with each leaf of `value` and the dim that `dims`, its structure or a prefix of it, says. */
function spread(where: string, value: unknown, dims: Dims, visit: (leaf: unknown, dim: number | null) => void): void {
  mapNested('vmap', { value, dims }, mapped(where), (part) => {
    eachLeaf('vmap', part.value, (leaf) => { visit(leaf, part.dims as number | null); });
  });
}

function wrapped(where: string, dim: number, rank: number): number {
  if (!Number.isInteger(dim) || dim < -rank || dim >= rank) {
    throw new UsageError(`vmap: got ${where} ${dim} for a tensor of ${rank} dim(s), expected a value in [${-rank}, ${rank - 1}]`, 'vmap', { dim, rank });
  }
  return dim < 0 ? dim + rank : dim;
}

/** The dims of the samples in the arguments' tensors, in order, and how many samples there are. */
function sampleDims(args: readonly unknown[], inDims: Dims): { dims: (number | null)[]; count: number } {
  if (args.length === 0) throw new UsageError('vmap: got no inputs; a function without inputs cannot be mapped', 'vmap');
  if (Array.isArray(inDims) && inDims.length !== args.length) {
    throw new UsageError(`vmap: inDims has ${inDims.length} entries but the function got ${args.length} argument(s)`, 'vmap');
  }
  const dims: (number | null)[] = [];
  const sizes: number[] = [];
  spread('vmap: inDims', args, inDims, (leaf, dim) => {
    if (!(leaf instanceof Tensor)) {
      if (dim === null) return;
      throw new UsageError(`vmap: got inDims ${dim} for an input that is no tensor but ${describe(leaf)}; use null for what all samples share`, 'vmap');
    }
    dims.push(dim === null ? null : wrapped('inDims', dim, leaf.ndim));
    if (dim !== null) sizes.push(leaf.size(dim));
  });
  if (sizes.length === 0) throw new UsageError('vmap: inDims is null for every tensor; at least one must have a dim of samples', 'vmap');
  if (sizes.some((n) => n !== sizes[0])) {
    throw new ShapeError(`vmap: expected all tensors to have the same size in the mapped dimension, got sizes [${sizes.join(', ')}]`, 'vmap', { sizes });
  }
  return { dims, count: sizes[0]! };
}

/** The tensors a sample's result is made of. */
function resultsOf(value: unknown): Tensor[] {
  const found: Tensor[] = [];
  eachLeaf('vmap', value, (part) => {
    if (!(part instanceof Tensor)) throw new UsageError(`vmap: the function must only return tensors, got ${describe(part)}`, 'vmap');
    found.push(part);
  });
  return found;
}

const RANDOMNESS: Readonly<Record<Randomness, number>> = { error: 0, different: 1, same: 2 };

/** Runs `fn` on `count` samples at once. */
function batching<T>(randomness: Randomness, count: number, fn: () => T): T {
  wasm().enter_vmap(count, RANDOMNESS[randomness]);
  try {
    return fn();
  } finally {
    wasm().exit_transform();
  }
}

/** The function `vmap`. */
interface Vmap extends Stated {
  <F extends Fn>(f: F, inDims?: Dims, outDims?: Dims, randomness?: Randomness, options?: Options): F;
  <F extends Fn>(f: F, inDims: Dims, outDims: Dims, options: Options): F;
  <F extends Fn>(f: F, inDims: Dims, options: Options): F;
  <F extends Fn>(f: F, options: Options): F;
  <F extends Fn>(options: Options & { func: F }): F;
}

/**
 * Returns a function of batches made of `f`, a function of one sample: the dims `inDims` of the arguments run over samples and
 * are not seen by `f`; the results are stacked along `outDims`. Arguments may be arrays and objects of tensors, and `null` in
 * `inDims` marks what all samples share. PyTorch's `torch.vmap`.
 *
 * `f` runs once, on tensors of all samples that have the shape of one: most operations compute all samples together, and the rest
 * one after the other, which profiles count. Transforms nest in any order: `vmap(grad(f))` gives the gradients of single samples. Random
 * operations need `randomness`: `'different'` numbers for each sample, or the `'same'`. As in PyTorch, what `f` captures must not be
 * written in place, nor what it made be written with values of samples unless it has such itself, and the values of samples must
 * not be read (`item`, `tolist`). `chunkSize` bounds the memory: so many samples run at once.
 *
 * @throws ShapeError where arguments differ in the number of samples, or an operation's results in shape; UsageError for an empty batch, results that are no
 * tensors, and random operations without `randomness`.
 */
export const vmap: Vmap = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Options & { func: Fn }>('vmap', () => ({
    func: callable,
    inDims: kind<Dims>('a number, null or an array', (value) => value === null || typeof value === 'number' || Array.isArray(value)).or(0),
    outDims: dims.or(0),
    randomness: word('error', 'different', 'same').or('error'),
    chunkSize: integerFrom(1).orNull(),
  })),
  ({ func, inDims, outDims, randomness, chunkSize }) => (...args: unknown[]) => {
    refuseInCapture('vmap', 'transform');
    const { dims, count } = sampleDims(args, inDims);
    if (count === 0) throw new UsageError('vmap: the batch is empty, so there is no sample to tell the shape of the result', 'vmap');
    const size = chunkSize ?? count;
    if (size >= count) return runOn(func, args, dims, count, outDims, randomness);
    const state = randomness === 'same' ? getRngState() : null;
    const parts: unknown[] = [];
    try {
      for (let start = 0; start < count; start += size) {
        const n = Math.min(size, count - start);
        const places = dims.values();
        const narrowed: Tensor[] = [];
        try {
          const part = mapTensors(args, (t) => {
            const dim = places.next().value ?? null;
            if (dim === null) return t;
            const some = t.narrow(dim, start, n);
            narrowed.push(some);
            return some;
          }, 'vmap') as unknown[];
          if (state !== null) setRngState(state);
          parts.push(runOn(func, part, dims, n, outDims, randomness));
        } finally {
          for (const t of narrowed) t.dispose();
        }
      }
    } finally {
      state?.dispose();
    }
    return joined(parts, outDims);
  },
);

/** The results for `count` samples of `args`, whose dims are `dims`, stacked along `outDims`. */
function runOn(func: Fn, args: unknown[], dims: readonly (number | null)[], count: number, outDims: Dims, randomness: Randomness): unknown {
  return batching(randomness, count, () => {
    const inside: Tensor[] = [];
    const places = dims.values();
    try {
      const samples = mapTensors(args, (t) => {
        const dim = places.next().value ?? null;
        if (dim === null) return t;
        const sample = wrap(checked(wasm().hide_samples(t._handle, dim)));
        inside.push(sample);
        return sample;
      }, 'vmap') as unknown[];
      const out: unknown = func(...samples);
      return outside(out, resultsOf(out), count, outDims);
    } finally {
      // Where it threw, too: a hook may hold a sample for as long as what it is of.
      for (const t of inside) t.dispose();
    }
  });
}

/** Where the dims of samples are in the tensors of `value`, which have `more` dims with them than they have. */
function placesIn(value: unknown, outDims: Dims, more: number): (number | null)[] {
  const at: (number | null)[] = [];
  const prefix = Array.isArray(outDims) && outDims.length === 1 && value instanceof Tensor ? (outDims[0] as Dims) : outDims;
  spread('vmap: outDims', value, prefix, (leaf, dim) => {
    at.push(dim === null ? null : wrapped('outDims', dim, (leaf as Tensor).ndim + more));
  });
  return at;
}

/** The results for several parts of the samples as those for all. */
function joined(parts: readonly unknown[], outDims: Dims): unknown {
  const lists = parts.map((part) => resultsOf(part));
  const at = placesIn(parts[0], outDims, 0);
  return withTensors(parts[0], at.map((dim, k) => (dim === null ? lists[0]![k]! : cat(lists.map((list) => list[k]!), dim))));
}

/** What a function of samples returned, with their dims where `outDims` says. */
function outside(value: unknown, results: readonly Tensor[], count: number, outDims: Dims): unknown {
  const at = placesIn(value, outDims, 1);
  return withTensors(value, results.map((t, k) => {
    const dim = at[k] ?? null;
    const hasSamples = checked(wasm().has_samples(t._handle)) === 1;
    if (dim === null && hasSamples) {
      throw new UsageError('vmap: the function can not return a tensor of samples where outDims is null', 'vmap');
    }
    if (dim === null) return t;
    if (hasSamples) return wrap(checked(wasm().reveal_samples(t._handle, dim)));
    // The same for all samples.
    const { shape } = t;
    return t.unsqueeze(dim).expand([...shape.slice(0, dim), count, ...shape.slice(dim)]);
  }));
}
