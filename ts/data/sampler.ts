// In which order a loader visits a dataset. With the same seed the orders are PyTorch's.
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { Kind, REFUSED, anything, boolean, instanceOf, integerFrom, list, integer } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { multinomial, randint } from '../generated/functions';
import { keep } from '../runtime/scope';
import { tensor } from '../tensor/create';
import { Generator, drawSeed, permutation } from '../tensor/generator';
import { Tensor } from '../tensor/tensor';
import { iterable } from '../tensor/tensor-kinds';

/**
 * The base class of samplers: indices of items, or lists of them where a sampler makes batches. A subclass has
 * `*[Symbol.iterator]()` and, where a loader is asked for its length, a `length`. Any other iterable will do as well.
 */
export abstract class Sampler<T = number> implements Iterable<T> {
  abstract [Symbol.iterator](): Iterator<T>;
}

/** What has a length. */
interface Sized {
  readonly length: number;
}

const sized = /* @__PURE__ */ new Kind<Sized>(
  'something with a length',
  (value) => (typeof value === 'object' && value !== null && typeof (value as Partial<Sized>).length === 'number' ? value : REFUSED),
  undefined,
  true,
);
const generator = (): Kind<Generator | null> => instanceOf('a generator', () => Generator).orNull();

const SEQUENTIAL = /* @__PURE__ */ parameters<{ dataSource: Sized }>('SequentialSampler', () => ({ dataSource: sized }));

/** 0, 1, 2, … up to the length of `dataSource`. */
export class SequentialSampler extends Sampler {
  /** @internal */
  static readonly _parameters = SEQUENTIAL;
  readonly dataSource: Sized;

  constructor(...args: Arguments<{ dataSource: Sized }, ['dataSource']>) {
    super();
    this.dataSource = SEQUENTIAL.read(args).dataSource;
  }

  get length(): number {
    return this.dataSource.length;
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < this.dataSource.length; i++) yield i;
  }
}

/** The arguments of `RandomSampler`. */
export interface RandomSamplerArguments {
  /** What is sampled from: a dataset, an array, anything with a length. */
  dataSource: Sized;
  /** Whether an index may come again before all others came; false by default. */
  replacement?: boolean;
  /** How many indices are drawn; as many as there are items by default. */
  numSamples?: number | null;
  /** Draws the indices; by default one that the default generator seeds, anew for each iteration. */
  generator?: Generator | null;
}

const RANDOM = /* @__PURE__ */ parameters<RandomSamplerArguments>('RandomSampler', () => ({
  dataSource: sized,
  replacement: boolean.or(false),
  numSamples: integerFrom(1).orNull(),
  generator: generator(),
}));

/** How many indices are drawn at once where they may repeat, as PyTorch does it. */
const CHUNK = 32;

/** Indices in random order, each once; or drawn with replacement. */
export class RandomSampler extends Sampler {
  /** @internal */
  static readonly _parameters = RANDOM;
  readonly dataSource: Sized;
  readonly replacement: boolean;
  readonly generator: Generator | null;
  readonly #numSamples: number | null;

  constructor(...args: Arguments<RandomSamplerArguments, ['dataSource', 'replacement', 'numSamples', 'generator']>) {
    super();
    const { dataSource, replacement, numSamples, generator } = RANDOM.read(args);
    this.dataSource = dataSource;
    this.replacement = replacement;
    this.#numSamples = numSamples;
    this.generator = generator;
    if (this.numSamples === 0) throw new UsageError('RandomSampler: there is nothing to sample from, got something of length 0', 'RandomSampler');
  }

  /** How many indices an iteration draws. */
  get numSamples(): number {
    return this.#numSamples ?? this.dataSource.length;
  }

  get length(): number {
    return this.numSamples;
  }

  *[Symbol.iterator](): Iterator<number> {
    const own = this.generator ?? new Generator().manualSeed(drawSeed(null));
    try {
      yield* this.replacement ? this.#repeated(own) : this.#permuted(own);
    } finally {
      if (this.generator === null) own.dispose();
    }
  }

  *#repeated(from: Generator): Iterable<number> {
    const { length } = this.dataSource;
    for (let left = this.numSamples; left >= 0; left -= CHUNK) {
      const count = Math.min(left, CHUNK);
      // A tensor that is made while a loader's iteration is open belongs to its scope; it is gone before that ends.
      yield* numbersOf(randint(length, [count], { generator: from }));
      if (count < CHUNK) return;
    }
  }

  *#permuted(from: Generator): Iterable<number> {
    const { length } = this.dataSource;
    for (let left = this.numSamples; left >= 0; left -= length) {
      const order = numbersOf(permutation(length, from));
      yield* left < length ? order.slice(0, left) : order;
      if (left < length) return;
    }
  }
}

/** The elements of an integer tensor, which is disposed. */
function numbersOf(t: Tensor): number[] {
  const numbers = Array.from(t.peek(), Number);
  t.dispose();
  return numbers;
}

/** The arguments of `SubsetRandomSampler`. */
export interface SubsetRandomSamplerArguments {
  /** The indices to choose from. */
  indices: readonly number[];
  /** Draws the order; the default generator where there is none. */
  generator?: Generator | null;
}

const SUBSET = /* @__PURE__ */ parameters<SubsetRandomSamplerArguments>('SubsetRandomSampler', () => ({
  indices: list('integers', integer),
  generator: generator(),
}));

/** Given indices in random order, each once. */
export class SubsetRandomSampler extends Sampler {
  /** @internal */
  static readonly _parameters = SUBSET;
  readonly indices: readonly number[];
  readonly generator: Generator | null;

  constructor(...args: Arguments<SubsetRandomSamplerArguments, ['indices', 'generator']>) {
    super();
    ({ indices: this.indices, generator: this.generator } = SUBSET.read(args));
  }

  get length(): number {
    return this.indices.length;
  }

  *[Symbol.iterator](): Iterator<number> {
    for (const i of numbersOf(permutation(this.indices.length, this.generator))) yield this.indices[i]!;
  }
}

/** The arguments of `WeightedRandomSampler`. */
export interface WeightedRandomSamplerArguments {
  /** The weight of each index: numbers of at least 0 that need not sum to 1, or a tensor of one dim. */
  weights: readonly number[] | Tensor;
  /** How many indices are drawn. */
  numSamples: number;
  /** Whether an index may come again; true by default. */
  replacement?: boolean;
  /** Draws the indices; the default generator where there is none. */
  generator?: Generator | null;
}

const WEIGHTED = /* @__PURE__ */ parameters<WeightedRandomSamplerArguments>('WeightedRandomSampler', () => ({
  weights: anything,
  numSamples: integerFrom(1),
  replacement: boolean.or(true),
  generator: generator(),
}));

/** Indices drawn with a weight each. */
export class WeightedRandomSampler extends Sampler {
  /** @internal */
  static readonly _parameters = WEIGHTED;
  /** The weights, in float64. */
  readonly weights: Tensor;
  readonly numSamples: number;
  readonly replacement: boolean;
  readonly generator: Generator | null;

  constructor(...args: Arguments<WeightedRandomSamplerArguments, ['weights', 'numSamples', 'replacement', 'generator']>) {
    super();
    const { weights, numSamples, replacement, generator } = WEIGHTED.read(args);
    const isList = Array.isArray(weights) && weights.every((w) => typeof w === 'number');
    if (!isList && !((weights as unknown) instanceof Tensor)) {
      throw new UsageError(`WeightedRandomSampler: weights must be a list of numbers or a tensor, got ${describe(weights)}`, 'WeightedRandomSampler');
    }
    const given = tensor(weights, { dtype: 'float64' });
    if (given.ndim !== 1) {
      throw new UsageError(`WeightedRandomSampler: weights must have one dim, got shape [${given.shape.join(', ')}]`, 'WeightedRandomSampler');
    }
    this.weights = keep(given);
    this.numSamples = numSamples;
    this.replacement = replacement;
    this.generator = generator;
  }

  get length(): number {
    return this.numSamples;
  }

  *[Symbol.iterator](): Iterator<number> {
    const { weights, numSamples, replacement, generator } = this;
    yield* numbersOf(multinomial(weights, numSamples, replacement, { generator }));
  }
}

/** The arguments of `BatchSampler`. */
export interface BatchSamplerArguments<T> {
  /** The indices: a sampler, or any other iterable. */
  sampler: Iterable<T>;
  /** How many make a batch. */
  batchSize: number;
  /** Whether a last batch that is not full is left out. */
  dropLast: boolean;
}

const BATCH = /* @__PURE__ */ parameters<BatchSamplerArguments<never>>('BatchSampler', () => ({
  sampler: iterable,
  batchSize: integerFrom(1),
  dropLast: boolean,
}));

/** The indices of another sampler, in lists of `batchSize`. */
export class BatchSampler<T = number> extends Sampler<T[]> {
  /** @internal */
  static readonly _parameters = BATCH;
  readonly sampler: Iterable<T>;
  readonly batchSize: number;
  readonly dropLast: boolean;

  constructor(...args: Arguments<BatchSamplerArguments<T>, ['sampler', 'batchSize', 'dropLast']>) {
    super();
    ({ sampler: this.sampler, batchSize: this.batchSize, dropLast: this.dropLast } = BATCH.read(args));
  }

  /** How many batches there are; an error where the sampler has no length. */
  get length(): number {
    const batches = samplesOf('BatchSampler', this.sampler) / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  *[Symbol.iterator](): Iterator<T[]> {
    let batch: T[] = [];
    for (const index of this.sampler) {
      batch.push(index);
      if (batch.length < this.batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }
}

/** How many indices, or lists of them, a sampler gives. */
export function samplesOf(where: string, sampler: Iterable<unknown>): number {
  const { length, size } = sampler as { length?: unknown; size?: unknown };
  if (typeof length === 'number') return length;
  if (typeof size === 'number') return size;
  throw new UsageError(`${where}: the sampler has no length; give ${describe(sampler)} a length`, where);
}
