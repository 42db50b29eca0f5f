// fillDiagonal_(): a number on the diagonal of a matrix.
import { ShapeError, under } from '../core/errors';
import { boolean, kind } from '../core/kinds';
import { parameters } from '../core/options';
import type { Scalar } from '../core/types';
import { membersOf, type Members } from './members';
import type { Tensor } from './tensor';

export interface TensorDiagonal {
  /**
   * Writes `fillValue` to the main diagonal. **Shapes**: a matrix, or more dims, all of one size. With `wrap` the diagonal of a tall
   * matrix starts again below, after a row without it.
   */
  fillDiagonal_(fillValue: Scalar, wrap?: boolean | { wrap?: boolean }): this;
  fillDiagonal_(options: { fillValue: Scalar; wrap?: boolean }): this;
}

const LISTS = {
  fillDiagonal_: /* @__PURE__ */ parameters<{ fillValue: Scalar; wrap?: boolean }>('fillDiagonal_', () => ({
    fillValue: kind<Scalar>('a number or a boolean', (value) => ['number', 'bigint', 'boolean'].includes(typeof value)),
    wrap: boolean.or(false),
  })),
};

/** The main diagonal, and the parts of it that `wrap` adds. */
function diagonals(t: Tensor, wrap: boolean): Tensor[] {
  const { shape, strides, offset } = t._facts;
  const shown = `[${shape.join(', ')}]`;
  if (shape.length < 2) throw new ShapeError(`fillDiagonal_: expected at least 2 dims, got shape ${shown}`, 'fillDiagonal_', { shape });
  const isCube = shape.every((size) => size === shape[0]);
  if (shape.length > 2 && !isCube) throw new ShapeError(`fillDiagonal_: more than 2 dims must all be of one size, got shape ${shown}`, 'fillDiagonal_', { shape });
  const [rows, columns] = shape as [number, number];
  const step = strides.reduce((a, b) => a + b, 0);
  const found: Tensor[] = [];
  for (let row = 0; row < rows && columns > 0; row += columns + 1) {
    found.push(t.asStrided([Math.min(rows - row, ...shape.slice(1))], [step], offset + row * strides[0]!));
    if (!wrap || shape.length > 2) break;
  }
  return found;
}

export const diagonal: Members = /* @__PURE__ */ membersOf<TensorDiagonal>({
  fillDiagonal_(...args: unknown[]) {
    const { fillValue, wrap } = LISTS.fillDiagonal_.read(args);
    for (const part of diagonals(this, wrap)) under('fillDiagonal_', () => part.fill_(fillValue));
    return this;
  },
}, { lists: LISTS });
