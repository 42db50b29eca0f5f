// The lecture's claims on cost, measured: forward without gradients needs constant memory; forward with gradients and backward
// are linear in time and memory in the number of operations; and no chain is too long for the stack.
//
//   npm run bench -- growth [most operations]
import { memoryStats, noGrad, rand, resetPeakMemory, scope, type Tensor } from 'adjoint';

/** What a chain of operations cost. Bytes are beyond what was there before. */
export interface Growth {
  readonly operations: number;
  /** Nanoseconds an operation. */
  readonly noGradTime: number;
  readonly noGradBytes: number;
  readonly forwardTime: number;
  readonly forwardBytes: number;
  /** Recorded operations alive before backward. */
  readonly nodes: number;
  readonly backwardTime: number;
  readonly backwardBytes: number;
  /** Whether all that was recorded was freed in the end. */
  readonly isFreed: boolean;
}

const ELEMENTS = 16;

/** `operations` calls of tanh one after the other, each of which saves its output; a handle is given back when the next is made. */
function chain(x: Tensor, operations: number): Tensor {
  let y = x;
  for (let i = 0; i < operations; i++) {
    const next = y.tanh();
    if (y !== x) y.dispose();
    y = next;
  }
  return y;
}

function timed<T>(fn: () => T): { result: T; nanoseconds: number; peakBytes: number } {
  const before = memoryStats().bytes;
  resetPeakMemory();
  const start = performance.now();
  const result = fn();
  const nanoseconds = (performance.now() - start) * 1e6;
  return { result, nanoseconds, peakBytes: memoryStats().peakBytes - before };
}

/** Measures one length. */
export function growthOf(operations: number): Growth {
  return scope(() => {
    const x = rand(ELEMENTS);
    const before = memoryStats();
    const plain = timed(() => noGrad(() => chain(x, operations)));
    plain.result.dispose();
    x.requiresGrad = true;
    const forward = timed(() => {
      const end = chain(x, operations);
      const total = end.sum();
      end.dispose();
      return total;
    });
    const { nodes } = memoryStats();
    const backward = timed(() => {
      forward.result.backward();
    });
    forward.result.dispose();
    x.grad = null;
    const after = memoryStats();
    return {
      operations,
      noGradTime: plain.nanoseconds / operations,
      noGradBytes: plain.peakBytes,
      forwardTime: forward.nanoseconds / operations,
      forwardBytes: forward.peakBytes,
      nodes: nodes - before.nodes,
      backwardTime: backward.nanoseconds / operations,
      backwardBytes: backward.peakBytes,
      isFreed: after.nodes === before.nodes && after.bytes === before.bytes,
    };
  });
}

const columns: readonly [head: string, cell: (g: Growth) => string][] = [
  ['operations', (g) => g.operations.toLocaleString('en-US')],
  ['no grad ns/op', (g) => g.noGradTime.toFixed(0)],
  ['no grad bytes', (g) => g.noGradBytes.toLocaleString('en-US')],
  ['forward ns/op', (g) => g.forwardTime.toFixed(0)],
  ['bytes/op', (g) => (g.forwardBytes / g.operations).toFixed(0)],
  ['nodes', (g) => g.nodes.toLocaleString('en-US')],
  ['backward ns/op', (g) => g.backwardTime.toFixed(0)],
  ['backward bytes', (g) => g.backwardBytes.toLocaleString('en-US')],
  ['freed', (g) => (g.isFreed ? 'all' : 'NO')],
];

/** Prints the table from 10³ operations up. */
export function showGrowth(most = 1_000_000): void {
  growthOf(10_000); // warms up
  console.log(`\nChains of tanh of ${ELEMENTS} float32 numbers; bytes beyond what was there before\n`);
  const widths = columns.map(([head]) => Math.max(head.length, 12));
  const line = (cells: readonly string[]): string => cells.map((cell, i) => cell.padStart(widths[i]!)).join('  ');
  console.log(line(columns.map(([head]) => head)));
  for (let n = 1000; n <= most; n *= 10) {
    const growth = growthOf(n);
    console.log(line(columns.map(([, cell]) => cell(growth))));
  }
}
