// Sizes along one or two axes, as convolution and pooling take them: a number stands for all axes.
import { Kind, REFUSED, kind } from '../core/kinds';

/** One number for all axes, or one each. */
export type Sizes = number | readonly number[];

const isSize = (value: unknown, least: number): boolean => Number.isSafeInteger(value) && (value as number) >= least;

/** Sizes along `axes` axes, each at least `least`; the callee gets a list. */
export function sizes(axes: number, least = -Infinity): Kind<Sizes> {
  const expected = `${axes === 1 ? 'an integer' : `an integer or a list of ${axes}`}${least === -Infinity ? '' : `, at least ${least}`}`;
  return new Kind<Sizes>(expected, (value) => {
    if (typeof value === 'number') return isSize(value, least) ? new Array<number>(axes).fill(value) : REFUSED;
    return Array.isArray(value) && value.length === axes && value.every((v) => isSize(v, least)) ? [...(value as number[])] : REFUSED;
  });
}

/** The sizes of dims: at least one. */
export const shape = /* @__PURE__ */ kind<number | readonly number[]>(
  'an integer or a list of integers, at least one and each at least 0',
  (value) => isSize(value, 0) || (Array.isArray(value) && value.length > 0 && value.every((v) => isSize(v, 0))),
);

/** Sizes of any number of axes. */
export const sizeList = /* @__PURE__ */ kind<Sizes>(
  'an integer or a list of integers, at least 0',
  (value) => isSize(value, 0) || (Array.isArray(value) && value.every((v) => isSize(v, 0))),
);

/** A list in a representation: `[2, 2]`. */
export function listed(values: readonly number[]): string {
  return `[${values.join(', ')}]`;
}
