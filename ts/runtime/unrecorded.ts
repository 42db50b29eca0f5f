// Computing while a function is captured, without being part of its record.
import { isCapturing } from '../core/capturing';
import { wasm } from './wasm';

/** What `make` gives. A capture takes it for something that was there before: it is the same in every replay. */
export function unrecorded<T>(make: () => T): T {
  if (!isCapturing()) return make();
  const was = wasm().capture_set_recording(0);
  try {
    return make();
  } finally {
    wasm().capture_set_recording(was);
  }
}
