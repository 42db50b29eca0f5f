// The area of doubles both sides of the boundary read and write. Its address and the memory's buffer can change with any
// call, so every user asks anew.
import { lastError } from './last-error';
import { wasm } from './wasm';

let view: Float64Array = new Float64Array(0);
let address = -1;

/** The area with room for at least `words` doubles; valid until the next call into the instance. Content is kept. */
export function scratch(words: number): Float64Array {
  const exports = wasm();
  const at = exports.scratch_reserve(words) >>> 0;
  if (at === 0) throw lastError();
  // A buffer that was replaced as memory grew leaves an empty view behind.
  if (at !== address || view.length === 0 || view.buffer !== exports.memory.buffer) {
    address = at;
    view = new Float64Array(exports.memory.buffer, at, exports.scratch_capacity());
  }
  return view;
}
