// A new tensor whose memory JavaScript fills.
import { checked } from '../runtime/last-error';
import { scratch } from '../runtime/scratch';
import { crashed, wasm } from '../runtime/wasm';
import { wrap, type Tensor } from './tensor';

/**
 * A new tensor of the dtype with this code; `fill` writes its elements, row-major, at `address` of `buffer`, both valid until the next
 * call into the instance. If it throws, the tensor is released.
 */
export function newTensor(code: number, shape: readonly number[], fill: (buffer: ArrayBuffer, address: number) => void): Tensor {
  scratch(shape.length).set(shape);
  let handle: number;
  try {
    handle = checked(wasm().new_empty(code, shape.length));
  } catch (e) {
    throw crashed(e);
  }
  const t = wrap(handle);
  try {
    fill(wasm().memory.buffer, wasm().data_ptr(handle) >>> 0);
  } catch (error) {
    t.dispose();
    throw error;
  }
  return t;
}
