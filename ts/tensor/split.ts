// split: PyTorch's function calls its parameters otherwise than its method does.
import { split as byTable } from '../generated/functions';
import { isOptions } from '../core/plain-object';
import type { Tensor } from './tensor';

/** The parameters of `torch.split`. */
interface SplitArguments {
  tensor: Tensor;
  /** The size of the pieces, or the sizes of all. */
  splitSizeOrSections: number | readonly number[];
  dim?: number;
}

type Split = typeof byTable & ((options: SplitArguments) => Tensor[]) & ((tensor: Tensor, options: Omit<SplitArguments, 'tensor'>) => Tensor[]);

const NAMES: readonly (readonly [string, string])[] = [
  ['tensor', 'input'],
  ['splitSizeOrSections', 'splitSize'],
];

/**
 * Returns views of `tensor` cut along `dim`: into pieces of one size, the last of which may be smaller, or of the given sizes, which
 * must sum to the size of the dim. The names of the method, `input` and `splitSize`, are taken as well.
 *
 * The views cannot be written in place while gradients are recorded. Source: PyTorch, `torch.split`.
 */
export const split = ((...args: unknown[]): Tensor[] => {
  const last = args[args.length - 1];
  if (isOptions(last)) {
    const options = { ...last };
    for (const [name, own] of NAMES) {
      if (!Object.hasOwn(options, name) || Object.hasOwn(options, own)) continue;
      options[own] = options[name];
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a copy made for the purpose
      delete options[name];
    }
    args[args.length - 1] = options;
  }
  return byTable(...(args as [Tensor, number]));
}) as Split;
