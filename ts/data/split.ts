// Datasets cut into parts at random.
import { UsageError } from '../core/errors';
import { Generator, permutation } from '../tensor/generator';
import { instanceOf, kind } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { Subset, items, type Items } from './dataset';

/** The arguments of `randomSplit`. */
export interface RandomSplitArguments<T> {
  /** What is split. */
  dataset: Items<T>;
  /** How many items each part has, or fractions of all that sum to 1. */
  lengths: readonly number[];
  /** Draws the order; the default generator where there is none. */
  generator?: Generator | null;
}

/** The function `randomSplit`. */
interface RandomSplit extends Stated {
  <T, L extends readonly number[] | []>(dataset: Items<T>, lengths: L, generator?: Generator | null | { generator?: Generator | null }): { -readonly [K in keyof L]: Subset<T> };
  <T>(...args: Arguments<RandomSplitArguments<T>, ['dataset', 'lengths', 'generator']>): Subset<T>[];
}

/**
 * Cuts a dataset at random into parts of the given lengths, none of which share items. Lengths that sum to 1 are fractions:
 * each part has that many items, rounded down, and what is left over goes to the parts in turn. The same seed gives PyTorch's
 * parts. PyTorch's `torch.utils.data.random_split`.
 *
 * @throws UsageError where the lengths do not sum to that of the dataset.
 */
export const randomSplit: RandomSplit = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<RandomSplitArguments<unknown>>('randomSplit', () => ({
    dataset: items,
    lengths: kind<readonly number[]>('a list of numbers', (value) => Array.isArray(value) && value.every((v) => typeof v === 'number')),
    generator: instanceOf('a generator', () => Generator).orNull(),
  })),
  ({ dataset, lengths, generator }) => {
    const counts = countsOf(dataset.length, lengths);
    const order = permutation(dataset.length, generator);
    const indices = Array.from(order.peek(), Number);
    order.dispose();
    let end = 0;
    return counts.map((count) => new Subset(dataset, indices.slice(end, (end += count))));
  },
);

/** How many items each part has. */
function countsOf(length: number, lengths: readonly number[]): readonly number[] {
  const total = lengths.reduce((a, b) => a + b, 0);
  if (total <= 1 && Math.abs(total - 1) <= 1e-9) {
    const strange = lengths.find((fraction) => fraction < 0 || fraction > 1);
    if (strange !== undefined) throw new UsageError(`randomSplit: a fraction must be between 0 and 1, got ${strange}`, 'randomSplit');
    const counts = lengths.map((fraction) => Math.floor(length * fraction));
    const rest = length - counts.reduce((a, b) => a + b, 0);
    return counts.map((count, i) => count + Math.floor(rest / counts.length) + (i < rest % counts.length ? 1 : 0));
  }
  if (total !== length || lengths.some((count) => !Number.isInteger(count) || count < 0)) {
    throw new UsageError(
      `randomSplit: lengths must be integers that sum to the length of the dataset, ${length}, or fractions that sum to 1, got [${lengths.join(', ')}]`,
      'randomSplit',
    );
  }
  return lengths;
}
