// What is alive.
import { scratch } from './scratch';
import { wasm } from './wasm';

/** Counts of what is alive outside the JavaScript heap. */
export interface MemoryStats {
  /** Tensors that JavaScript holds. */
  readonly tensors: number;
  /** Bytes of values, each storage counted once however many tensors share it. */
  readonly bytes: number;
  /** The most bytes at any time since the start or `resetPeakMemory()`. */
  readonly peakBytes: number;
  /** Blocks of bytes that tensors share. */
  readonly storages: number;
  /** Recorded operations. */
  readonly nodes: number;
}

/** Reads the counters; it costs well under a microsecond. */
export function memoryStats(): MemoryStats {
  wasm().memory_stats();
  const [tensors = 0, bytes = 0, peakBytes = 0, storages = 0, nodes = 0] = scratch(0);
  return { tensors, bytes, peakBytes, storages, nodes };
}

/** Starts a new measurement of `peakBytes`. */
export function resetPeakMemory(): void {
  wasm().reset_peak_memory();
}
