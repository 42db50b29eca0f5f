// What is alive.
import { boolean } from '../core/kinds';
import { named, nothing, parameters, type Stated } from '../core/options';
import { STATS_BYTES, STATS_NODES, STATS_PEAK_BYTES, STATS_STORAGES, STATS_TENSORS } from '../generated/abi';
import { scratch } from '../runtime/scratch';
import { memoryByOp } from '../runtime/texts';
import { wasm } from '../runtime/wasm';

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

/** What one operation made that still lives. */
export interface MemoryOfOp {
  /** Blocks of bytes that tensors share. */
  readonly storages: number;
  /** Their bytes. */
  readonly bytes: number;
}

/** The same with what each operation made. */
export interface MemoryStatsByOp extends MemoryStats {
  /**
   * By the name of the operation. `leaf` is for tensors that require grad and were made by none, `unrecorded` for what was made
   * while or where nothing was recorded. Each block is counted once, for the tensor that owns it.
   */
  readonly byOp: Readonly<Record<string, MemoryOfOp>>;
}

/**
 * Reads the counters, in well under a microsecond. With `byOp` it also looks through every living tensor and the graph behind
 * it, which takes as long as that is large; nothing is counted beforehand, so a program that does not ask pays nothing.
 */
export const memoryStats: MemoryStatsFunction = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ byOp?: boolean }>('memoryStats', () => ({ byOp: boolean.or(false) }), 1),
  ({ byOp }) => {
    wasm().memory_stats();
    const words = scratch(0);
    const stats: MemoryStats = {
      tensors: words[STATS_TENSORS]!,
      bytes: words[STATS_BYTES]!,
      peakBytes: words[STATS_PEAK_BYTES]!,
      storages: words[STATS_STORAGES]!,
      nodes: words[STATS_NODES]!,
    };
    return byOp ? { ...stats, byOp: memoryByOp() } : stats;
  },
);

/** The function `memoryStats`. */
interface MemoryStatsFunction extends Stated {
  (options?: { byOp?: false }): MemoryStats;
  (options: { byOp: true }): MemoryStatsByOp;
}

/** Starts a new measurement of `peakBytes`. */
export const resetPeakMemory: Stated & (() => void) = /* @__PURE__ */ named(/* @__PURE__ */ nothing('resetPeakMemory'), () => {
  wasm().reset_peak_memory();
});
