// What one operation on 8 numbers costs through the facade, and which part of that the boundary takes.
//
//   npm run bench -- boundary
//
// The cost of the facade and the boundary alone is read off calls that compute nothing: detach() makes a tensor without an
// operation. Times are the best of many runs, since everything else on the machine only adds.
import { scope, tensor, type Tensor } from 'adjoint';

const CALLS = 100;
const RUNS = 3000;

/** One measured way to call. */
export interface BoundaryCost {
  readonly name: string;
  /** Nanoseconds a call: the best run, and the median. */
  readonly best: number;
  readonly median: number;
}

function measure(name: string, calls: number, run: () => void): BoundaryCost {
  const times: number[] = [];
  const until = performance.now() + 1500;
  for (let i = 0; i < RUNS && (i < 100 || performance.now() < until); i++) {
    const start = performance.now();
    run();
    times.push(((performance.now() - start) * 1e6) / calls);
  }
  times.sort((a, b) => a - b);
  return { name, best: times[0]!, median: times[times.length >> 1]! };
}

/** Runs all measurements. */
export function boundaryCosts(): BoundaryCost[] {
  const data = [1, 2, 3, 4, 5, 6, 7, 8];
  const [x, y] = [tensor(data), tensor(data)];
  const w = tensor(data, { requiresGrad: true });
  const repeated = (call: () => unknown) => () => {
    scope(() => {
      for (let i = 0; i < CALLS; i++) call();
    });
  };
  const chain = (t: Tensor): Tensor => {
    for (let i = 0; i < CALLS; i++) t = t.mul(y);
    return t;
  };
  return [
    measure('scope(() => {}), a scope of nothing', 1, () => { scope(() => undefined); }),
    measure('x.requiresGrad: a call that makes nothing', CALLS, repeated(() => x.requiresGrad)),
    measure('x.detach(): a tensor without an operation', CALLS, repeated(() => x.detach())),
    measure('x.detach().dispose(), by hand', CALLS, () => { for (let i = 0; i < CALLS; i++) x.detach().dispose(); }),
    measure('x.exp()', CALLS, repeated(() => x.exp())),
    measure('x.add(y)', CALLS, repeated(() => x.add(y))),
    measure('x.add(3)', CALLS, repeated(() => x.add(3))),
    measure('x.add(y, { alpha: 2 }): by name', CALLS, repeated(() => x.add(y, { alpha: 2 }))),
    measure('x.sum(0, true): by position', CALLS, repeated(() => x.sum(0, true))),
    measure('w.mul(y), recorded', CALLS, repeated(() => w.mul(y))),
    measure('forward and backward, a call of a chain of 100', CALLS, () => {
      scope(() => { chain(w).backward(y); });
      w.grad = null;
    }),
  ];
}

/** Prints the table. */
export function showBoundary(): void {
  console.log(`Node ${process.versions.node}, V8 ${process.versions.v8}; ns a call on 8 numbers\n`);
  for (const { name, best, median } of boundaryCosts()) {
    console.log(`${name.padEnd(50)} best ${best.toFixed(0).padStart(6)}   median ${median.toFixed(0).padStart(6)}`);
  }
}
