// Tensors of JavaScript's own arrays of numbers.
import { codeOfArray } from '../core/dtype';
import { kind } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { under } from '../core/errors';
import type { TypedArray } from '../core/types';
import { tensor } from './create';
import type { Tensor } from './tensor';

/**
 * Makes a tensor of one dim of a typed array, of its dtype: PyTorch's `torch.from_numpy`. It holds a copy, where PyTorch's shares
 * memory: that of tensors lies in the instance. `io.loadNpy` reads NumPy's files, of any shape.
 */
export const fromNumpy: Stated & ((...args: Arguments<{ ndarray: TypedArray }, ['ndarray']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ ndarray: TypedArray }>('fromNumpy', () => ({
    ndarray: kind<TypedArray>('a typed array of a dtype there is', (value) => ArrayBuffer.isView(value) && codeOfArray(value) !== undefined),
  })),
  ({ ndarray }) => under('fromNumpy', () => tensor(ndarray)),
);
