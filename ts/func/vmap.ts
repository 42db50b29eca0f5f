// Functions of one sample as functions of a batch: PyTorch's torch.vmap.
import { refuseInCapture } from '../core/capturing';
import { describe } from '../core/describe';
import { ShapeError, UsageError } from '../core/errors';
import { stack } from '../generated/functions';
import { anyObject, callable, integerFrom, kind, word, type Kind } from '../core/kinds';
import { mapNested, type Nesting } from '../core/nested';
import { named, parameters, type Stated } from '../core/options';
import { isObject } from '../core/plain-object';
import { getRngState, setRngState } from '../tensor/random';
import { Tensor } from '../tensor/tensor';
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
  /** Accepted for PyTorch's sake: samples are run one after the other as it is. */
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

/** Runs `fn` with random ops allowed, refused, or repeating the same numbers for each sample. */
function eachSample<T>(randomness: Randomness, count: number, fn: (i: number) => T): T[] {
  const state = randomness === 'same' ? getRngState() : null;
  wasm().enter_transform(1);
  const refusedBefore = wasm().refuse_random(randomness === 'error' ? 1 : 0);
  try {
    return Array.from({ length: count }, (_, i) => {
      if (state !== null) setRngState(state);
      return fn(i);
    });
  } finally {
    wasm().exit_transform();
    state?.dispose();
    wasm().refuse_random(refusedBefore ? 1 : 0);
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
 * `f` runs once a sample, so every operation can be used, also in-place ones, and transforms nest
 * in any order: `vmap(grad(f))` gives the gradients of single samples. What it saves is writing the loop, not time. Random
 * operations need `randomness`: `'different'` numbers for each sample, or the `'same'`. As in PyTorch, what `f` captures must not be
 * written in place, and the values of samples must not be read (`item`, `tolist`).
 *
 * @throws ShapeError where samples differ in number or results in shape; UsageError for an empty batch, results that are no
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
  ({ func, inDims, outDims, randomness }) => (...args: unknown[]) => {
    refuseInCapture('vmap', 'transform');
    const { dims, count } = sampleDims(args, inDims);
    if (count === 0) throw new UsageError('vmap: the batch is empty, so there is no sample to tell the shape of the result', 'vmap');
    const outputs: unknown[] = [];
    let areSamples: readonly boolean[] = [];
    const results = eachSample(randomness, count, (i) => {
      const views: Tensor[] = [];
      const places = dims.values();
      let tensors: Tensor[] = [];
      try {
        const sample = mapTensors(args, (t) => {
          const dim: number | null = places.next().value ?? null;
          if (dim === null) return t;
          const view = t.select(dim, i);
          views.push(view);
          checked(wasm().admit(view._handle, 1));
          return view;
        }, 'vmap') as unknown[];
        const out: unknown = func(...sample);
        if (i === 0) outputs.push(out);
        tensors = resultsOf(out);
        if (i === 0) areSamples = tensors.map((t) => checked(wasm().is_sample(t._handle)) === 1);
        return tensors;
      } finally {
        // Where it threw, too: a hook may hold a sample for as long as what it is of.
        for (const t of views) if (!tensors.includes(t)) t.dispose();
      }
    });
    return batched(outputs[0], results, outDims, areSamples);
  },
);

function batched(first: unknown, results: readonly (readonly Tensor[])[], outDims: Dims, areSamples: readonly boolean[]): unknown {
  const shapes = results[0]!;
  for (const [i, tensors] of results.entries()) {
    if (tensors.length !== shapes.length) {
      throw new UsageError(`vmap: sample ${i} gave ${tensors.length} tensor(s) and sample 0 gave ${shapes.length}`, 'vmap');
    }
    tensors.forEach((t, k) => {
      const [want, got] = [shapes[k]!.shape.join(', '), t.shape.join(', ')];
      if (want !== got) {
        throw new ShapeError(`vmap: results differ in shape, sample 0 gave [${want}] and sample ${i} [${got}]; a shape must not depend on values`, 'vmap');
      }
    });
  }
  const at: (number | null)[] = [];
  const prefix = Array.isArray(outDims) && outDims.length === 1 && first instanceof Tensor ? (outDims[0] as Dims) : outDims;
  spread('vmap: outDims', first, prefix, (leaf, dim) => {
    if (dim === null && areSamples[at.length] === true) {
      throw new UsageError('vmap: the function can not return a tensor of samples where outDims is null', 'vmap');
    }
    at.push(dim === null ? null : wrapped('outDims', dim, (leaf as Tensor).ndim + 1));
  });
  return withTensors(first, at.map((dim, k) => (dim === null ? results[0]![k]! : stack(results.map((tensors) => tensors[k]!), dim))));
}
