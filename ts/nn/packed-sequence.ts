// Sequences of different lengths, padded to one or packed without padding: the namespace `nn.utils.rnn`.
import { describe } from '../core/describe';
import { ShapeError, UsageError } from '../core/errors';
import { Kind, REFUSED, boolean, integer, instanceOf, kind, number, word } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { full, stack } from '../generated/functions';
import { pad } from '../generated/functional';
import { scope } from '../runtime/scope';
import { tensor as tensorFrom } from '../tensor/create';
import { Tensor } from '../tensor/tensor';
import { tensor, tensorList } from '../tensor/tensor-kinds';

/** Lengths: numbers, or a vector of whole numbers. */
export type Lengths = Tensor | readonly number[];

const lengthsKind = /* @__PURE__ */ new Kind<Lengths>('a list of integers or a tensor of them', (value) =>
  value instanceof Tensor || (Array.isArray(value) && value.every((v) => Number.isSafeInteger(v))) ? value : REFUSED,
);

function numbersOf(where: string, lengths: Lengths): number[] {
  if (!(lengths instanceof Tensor)) return [...lengths];
  if (lengths.ndim !== 1) throw new ShapeError(`${where}: lengths must have one dim, got shape [${lengths.shape.join(', ')}]`, where, { shape: lengths.shape });
  return (lengths.tolist() as (number | bigint)[]).map(Number);
}

const int64 = (values: readonly number[]): Tensor => tensorFrom([...values], { dtype: 'int64' });

/** The arguments of `PackedSequence`. */
export interface PackedSequenceArguments {
  /** The steps of all sequences, the first of each, then the second of those that have one, and so on. */
  data: Tensor;
  /** How many sequences have as many steps, int64. */
  batchSizes?: Tensor | null;
  /** Where each packed sequence was in the batch; null where the batch was sorted. */
  sortedIndices?: Tensor | null;
  /** Where each sequence of the batch is now. */
  unsortedIndices?: Tensor | null;
}

const PACKED_SEQUENCE = /* @__PURE__ */ parameters<PackedSequenceArguments>('PackedSequence', () => ({
  data: tensor,
  batchSizes: tensor.orNull(),
  sortedIndices: tensor.orNull(),
  unsortedIndices: tensor.orNull(),
}));

/** Sequences without padding, the longest first; made by `packPaddedSequence` and `packSequence`. */
export class PackedSequence {
  /** @internal */
  static readonly _parameters = PACKED_SEQUENCE;
  readonly data: Tensor;
  readonly batchSizes: Tensor;
  readonly sortedIndices: Tensor | null;
  readonly unsortedIndices: Tensor | null;

  constructor(...args: Arguments<PackedSequenceArguments, ['data', 'batchSizes', 'sortedIndices', 'unsortedIndices']>) {
    const { data, batchSizes, sortedIndices, unsortedIndices } = PACKED_SEQUENCE.read(args);
    if (batchSizes === null) throw new UsageError('PackedSequence: batchSizes is missing; packPaddedSequence() and packSequence() make one', 'PackedSequence');
    this.data = data;
    this.batchSizes = batchSizes;
    this.sortedIndices = sortedIndices;
    this.unsortedIndices = unsortedIndices ?? (sortedIndices === null ? null : inverse('PackedSequence', sortedIndices));
  }
}

/** The permutation that undoes another. */
function inverse(where: string, permutation: Tensor): Tensor {
  const places = numbersOf(where, permutation);
  const isPlace = (place: number): boolean => Number.isInteger(place) && place >= 0 && place < places.length;
  if (new Set(places).size !== places.length || !places.every(isPlace)) {
    throw new UsageError(`${where}: expected each of 0 … ${places.length - 1} once, got ${describe(permutation)}`, where);
  }
  const undone = places.slice();
  places.forEach((from, to) => { undone[from] = to; });
  return int64(undone);
}

/** Throws unless the sizes fall and add up to the steps there are. */
function checkSizes(where: string, sizes: readonly number[], data: Tensor): void {
  const falls = sizes.every((size, t) => Number.isInteger(size) && size >= 0 && size <= (sizes[t - 1] ?? Infinity));
  const sum = sizes.reduce((a, b) => a + b, 0);
  if (falls && data.ndim > 0 && sum === data.size(0)) return;
  const listed = sizes.length > 8 ? `${sizes.slice(0, 8).join(', ')}, …` : sizes.join(', ');
  const expected = 'data of shape [rows, *] and batchSizes that fall and add up to the rows';
  throw new ShapeError(`${where}: expected ${expected}, got shape [${data.shape.join(', ')}] and sizes [${listed}] with sum ${sum}`, where, { sum });
}

/** Where each packed step is in the padded batch `[T · samples]`. */
function places(sizes: readonly number[], samples: number): Tensor {
  return int64(sizes.flatMap((size, t) => Array.from({ length: size }, (_, i) => t * samples + i)));
}

interface PackPaddedArguments {
  /** `[T, N, *]`, or `[N, T, *]` where `batchFirst`. */
  input: Tensor;
  /** How long each sequence is, at least 1. */
  lengths: Lengths;
  /** Whether the batch is the first dim; false by default. */
  batchFirst?: boolean;
  /** Whether lengths must fall from one sequence to the next; true by default. */
  enforceSorted?: boolean;
}

/** Packs a padded batch of sequences. */
export const packPaddedSequence: Stated & ((...args: Arguments<PackPaddedArguments, ['input', 'lengths', 'batchFirst', 'enforceSorted']>) => PackedSequence) =
  /* @__PURE__ */ named(
    /* @__PURE__ */ parameters<PackPaddedArguments>('packPaddedSequence', () => ({
      input: tensor,
      lengths: lengthsKind,
      batchFirst: boolean.or(false),
      enforceSorted: boolean.or(true),
    })),
    ({ input, lengths, batchFirst, enforceSorted }) => pack('packPaddedSequence', input, lengths, batchFirst, enforceSorted),
  );

function pack(where: string, input: Tensor, lengths: Lengths, batchFirst: boolean, enforceSorted: boolean): PackedSequence {
  if (input.ndim < 2) throw new ShapeError(`${where}: expected an input of at least 2 dims, got shape [${input.shape.join(', ')}]`, where, { shape: input.shape });
  const given = numbersOf(where, lengths);
  const [steps, samples] = batchFirst ? [input.size(1), input.size(0)] : [input.size(0), input.size(1)];
  if (given.length !== samples) throw new ShapeError(`${where}: expected ${samples} lengths, one for each sequence, got ${given.length}`, where);
  const short = given.find((length) => length <= 0 || length > steps);
  if (short !== undefined) throw new UsageError(`${where}: lengths must be within 1 and ${steps}, the padded length, got ${short}`, where, { length: short });
  const order = [...given.keys()];
  if (!enforceSorted) order.sort((a, b) => given[b]! - given[a]!);
  else if (given.some((length, i) => length > (given[i - 1] ?? Infinity))) {
    throw new UsageError(`${where}: lengths must fall from one sequence to the next; sort the batch, or pass enforceSorted: false`, where, { lengths: given });
  }
  const sorted = order.map((i) => given[i]!);
  const sizes = Array.from({ length: sorted[0] ?? 0 }, (_, t) => sorted.filter((length) => length > t).length);
  const sortedIndices = enforceSorted ? null : int64(order);
  const data = scope(() => {
    const timeFirst = batchFirst ? input.transpose(0, 1) : input;
    const ordered = sortedIndices === null ? timeFirst : timeFirst.indexSelect(1, sortedIndices);
    return ordered.reshape([steps * samples, ...input.shape.slice(2)]).indexSelect(0, places(sizes, samples));
  });
  return new PackedSequence(data, int64(sizes), sortedIndices);
}

interface PadPackedArguments {
  sequence: PackedSequence;
  /** Whether the batch is the first dim of the result; false by default. */
  batchFirst?: boolean;
  /** What follows the end of shorter sequences; 0 by default. */
  paddingValue?: number;
  /** How long the result is; that of the longest sequence by default. */
  totalLength?: number | null;
}

const packed = /* @__PURE__ */ instanceOf<PackedSequence>('a PackedSequence', () => PackedSequence);

/** Pads packed sequences to one length: `[padded, lengths]`, in the order of the batch that was packed. */
export const padPackedSequence: Stated &
  ((...args: Arguments<PadPackedArguments, ['sequence', 'batchFirst', 'paddingValue', 'totalLength']>) => [padded: Tensor, lengths: Tensor]) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<PadPackedArguments>('padPackedSequence', () => ({
    sequence: packed,
    batchFirst: boolean.or(false),
    paddingValue: number.or(0),
    totalLength: integer.orNull(),
  })),
  ({ sequence, batchFirst, paddingValue, totalLength }) => unpack('padPackedSequence', sequence, batchFirst, paddingValue, totalLength),
);

function unpack(where: string, sequence: PackedSequence, batchFirst: boolean, paddingValue: number, totalLength: number | null): [Tensor, Tensor] {
  const sizes = numbersOf(where, sequence.batchSizes);
  checkSizes(where, sizes, sequence.data);
  const steps = totalLength ?? sizes.length;
  if (steps < sizes.length) {
    throw new UsageError(`${where}: totalLength must be at least ${sizes.length}, the length of the longest sequence, got ${steps}`, where, { totalLength });
  }
  const { data, unsortedIndices } = sequence;
  const samples = sizes[0] ?? 0;
  const lengths = Array.from({ length: samples }, (_, i) => sizes.filter((size) => size > i).length);
  return scope(() => {
    const rest = data.shape.slice(1);
    const filled = full([steps * samples, ...rest], paddingValue, { dtype: data.dtype }).indexCopy(0, places(sizes, samples), data);
    let padded = filled.reshape([steps, samples, ...rest]);
    if (unsortedIndices !== null) padded = padded.indexSelect(1, unsortedIndices);
    const order = unsortedIndices === null ? [...lengths.keys()] : numbersOf(where, unsortedIndices);
    return [batchFirst ? padded.transpose(0, 1) : padded, int64(order.map((i) => lengths[i]!))];
  });
}

interface PadArguments {
  /** Sequences `[L, *]` that differ in the first dim only. */
  sequences: Iterable<Tensor>;
  /** Whether the batch is the first dim of the result; false by default. */
  batchFirst?: boolean;
  /** What is added; 0 by default. */
  paddingValue?: number;
  /** Where it is added; `'right'` by default. */
  paddingSide?: 'right' | 'left';
}

/** Stacks sequences, those that are shorter padded: `[T, N, *]`, or `[N, T, *]` where `batchFirst`. */
export const padSequence: Stated & ((...args: Arguments<PadArguments, ['sequences', 'batchFirst', 'paddingValue', 'paddingSide']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<PadArguments>('padSequence', () => ({
    sequences: tensorList,
    batchFirst: boolean.or(false),
    paddingValue: number.or(0),
    paddingSide: word('right', 'left').or('right'),
  })),
  ({ sequences, batchFirst, paddingValue, paddingSide }) => padded('padSequence', [...sequences], batchFirst, paddingValue, paddingSide),
);

function padded(where: string, sequences: readonly Tensor[], batchFirst: boolean, value: number, side: 'right' | 'left'): Tensor {
  if (sequences.length === 0) throw new UsageError(`${where}: expected at least one sequence, got none`, where);
  const rest = sequences[0]!.shape.slice(1);
  const other = sequences.find((t) => t.ndim === 0 || t.shape.slice(1).join() !== rest.join());
  if (other !== undefined) {
    throw new ShapeError(`${where}: sequences must have shapes [L, ${rest.join(', ')}], got [${other.shape.join(', ')}]`, where, { shape: other.shape });
  }
  const longest = sequences.reduce((most, t) => Math.max(most, t.shape[0]!), 0);
  const zeros = rest.flatMap(() => [0, 0]);
  return scope(() => {
    const all = sequences.map((t) => {
      const missing = longest - t.shape[0]!;
      return missing === 0 ? t : pad(t, side === 'right' ? [...zeros, 0, missing] : [...zeros, missing, 0], 'constant', value);
    });
    return stack(all, batchFirst ? 0 : 1);
  });
}

interface UnpadArguments {
  /** `[T, N, *]`, or `[N, T, *]` where `batchFirst`. */
  paddedSequences: Tensor;
  /** How long each sequence is. */
  lengths: Lengths;
  /** Whether the batch is the first dim; false by default. */
  batchFirst?: boolean;
}

/** The sequences of a padded batch, each of its own length. */
export const unpadSequence: Stated & ((...args: Arguments<UnpadArguments, ['paddedSequences', 'lengths', 'batchFirst']>) => Tensor[]) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<UnpadArguments>('unpadSequence', () => ({ paddedSequences: tensor, lengths: lengthsKind, batchFirst: boolean.or(false) })),
  ({ paddedSequences, lengths, batchFirst }) => unpadded('unpadSequence', paddedSequences, lengths, batchFirst),
);

function unpadded(where: string, batch: Tensor, lengths: Lengths, batchFirst: boolean): Tensor[] {
  const given = numbersOf(where, lengths);
  const [samples, steps] = batchFirst ? [batch.shape[0], batch.shape[1]] : [batch.shape[1], batch.shape[0]];
  if (samples === undefined || steps === undefined || given.length !== samples || given.some((length) => length < 0 || length > steps)) {
    throw new ShapeError(
      `${where}: expected a length of at most the padded length for each sequence, got lengths [${given.join(', ')}] for shape [${batch.shape.join(', ')}]`,
      where,
    );
  }
  return given.map((length, i) => batch.select(batchFirst ? 0 : 1, i).narrow(0, 0, length));
}

interface PackArguments {
  /** Sequences `[L, *]`. */
  sequences: Iterable<Tensor>;
  /** Whether lengths must fall from one sequence to the next; true by default. */
  enforceSorted?: boolean;
}

/** Packs sequences. */
export const packSequence: Stated & ((...args: Arguments<PackArguments, ['sequences', 'enforceSorted']>) => PackedSequence) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<PackArguments>('packSequence', () => ({ sequences: tensorList, enforceSorted: boolean.or(true) })),
  ({ sequences, enforceSorted }) => {
    const all = [...sequences];
    return pack('packSequence', padded('packSequence', all, false, 0, 'right'), all.map((t) => t.shape[0]!), false, enforceSorted);
  },
);

/** The sequences that were packed, each of its own length. */
export const unpackSequence: Stated & ((...args: Arguments<{ packedSequences: PackedSequence }, ['packedSequences']>) => Tensor[]) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ packedSequences: PackedSequence }>('unpackSequence', () => ({ packedSequences: packed })),
  ({ packedSequences }) => {
    const [batch, lengths] = unpack('unpackSequence', packedSequences, true, 0, null);
    return unpadded('unpackSequence', batch, lengths, true);
  },
);

/** The permutation that undoes another; null for null. */
export const invertPermutation: Stated & ((...args: Arguments<{ permutation: Tensor | null }, ['permutation']>) => Tensor | null) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ permutation: Tensor | null }>('invertPermutation', () => ({
    permutation: kind<Tensor | null>('a tensor or null', (value) => value === null || value instanceof Tensor),
  })),
  ({ permutation }) => {
    if (permutation === null) return null;
    return inverse('invertPermutation', permutation);
  },
);
