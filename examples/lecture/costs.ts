// The lecture's claims on what automatic differentiation costs, for a chain of n operations: what the plan of a captured function says,
// from its calls and the lifetimes of its values, beside what is measured.
//
//   node scripts/run.mjs examples/lecture/costs.ts
import { mkdirSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { autograd, capture, checkpointSqrt, memoryStats, noGrad, rand, resetPeakMemory, scope, viz, zeros, type CapturedFunction, type Tensor } from 'adjoint';
import { showForms } from './forms';

/** 1 KiB a value. */
const ELEMENTS = 256;
const VALUE = 4 * ELEMENTS;

const tanh = (x: Tensor): Tensor => x.tanh();

/** `n` operations one after the other; a handle is given back when the next value is there. */
function chain(x: Tensor, n: number): Tensor {
  let y = x;
  for (let i = 0; i < n; i++) {
    const next = tanh(y);
    if (y !== x) y.dispose();
    y = next;
  }
  return y;
}

/** The gradient of the sum of the chain. */
function gradient(x: Tensor, n: number): Tensor {
  const y = chain(x, n);
  const total = y.sum();
  y.dispose();
  return autograd.grad(total, [x])[0];
}

/**
 * The same by √n segments of √n operations, of which only the beginnings are kept; each is run again when the backward pass comes to it.
 * That is what `checkpointSqrt` does, written out so that it can be captured. `zero` requires grad, and with it what begins at a
 * beginning without its past.
 */
function checkpointed(x: Tensor, zero: Tensor, n: number): Tensor {
  const size = Math.round(Math.sqrt(n));
  const beginnings = [x];
  for (let i = 1; i < size; i++) beginnings.push(noGrad(() => chain(beginnings[i - 1]!, size)));
  const again = (begin: Tensor, g: Tensor | null): Tensor => {
    const first = begin.detach().add(zero);
    const y = chain(first, size);
    return (g === null ? autograd.grad(y.sum(), [first]) : autograd.grad(y, [first], [g]))[0];
  };
  return beginnings.reduceRight<Tensor | null>((g, begin) => again(begin, g), null)!;
}

/** A claim: how calls and bytes grow with n. */
export interface Claim {
  readonly name: string;
  /** The exponents that the lecture claims. */
  readonly work: number;
  readonly memory: number;
  /** The program for a chain of `n` operations, and what it is given. */
  readonly make: (n: number) => { readonly fn: (...inputs: Tensor[]) => Tensor; readonly inputs: Tensor[] };
  /** The same as a program would do it that is not captured. */
  readonly eager: (x: Tensor, n: number) => Tensor;
}

/** The lecture's claims. */
export const claims: readonly Claim[] = [
  {
    name: 'forward, inference',
    work: 1,
    memory: 0,
    make: (n) => ({ fn: (x) => noGrad(() => chain(x, n)), inputs: [rand([ELEMENTS])] }),
    eager: (x, n) => noGrad(() => chain(x, n)),
  },
  {
    name: 'forward and backward',
    work: 1,
    memory: 1,
    make: (n) => ({ fn: (x) => gradient(x, n), inputs: [rand([ELEMENTS], { requiresGrad: true })] }),
    eager: gradient,
  },
  {
    name: 'with √n checkpoints',
    work: 1,
    memory: 0.5,
    make: (n) => ({ fn: (x, zero) => checkpointed(x, zero, n), inputs: [rand([ELEMENTS]), zeros([ELEMENTS], { requiresGrad: true })] }),
    eager: (x, n) => autograd.grad(checkpointSqrt(new Array(n).fill(tanh) as (typeof tanh)[], x).sum(), [x])[0],
  },
];

/** What a chain costs. Bytes are beyond what was there before. */
export interface Cost {
  readonly n: number;
  /** Calls of the plan. */
  readonly calls: number;
  /** The most bytes at once, from the lifetimes of the plan; call by call, without a plan; and as the allocator counted them. */
  readonly planned: number;
  readonly unplanned: number;
  readonly replayed: number;
  /** Those of the function itself, which is not captured. */
  readonly eager: number;
  /** Microseconds of a replay and of the function. */
  readonly replayTime: number;
  readonly eagerTime: number;
}

/** Runs `fn` and counts the bytes at once beyond those before. */
function measured(fn: () => Tensor): { bytes: number; time: number } {
  return scope(() => {
    resetPeakMemory();
    const before = memoryStats().bytes;
    const start = performance.now();
    fn();
    const time = (performance.now() - start) * 1000;
    return { bytes: memoryStats().peakBytes - before, time };
  });
}

/** Calls `use` with the record of a claim's program after its plan was made. */
export function planned<T>({ make }: Claim, n: number, use: (program: CapturedFunction, inputs: Tensor[]) => T): T {
  return scope(() => {
    const { fn, inputs } = make(n);
    const program = capture(fn, ...inputs);
    scope(() => { program.run(...inputs); });
    const result = use(program, inputs);
    program.dispose();
    return result;
  });
}

/** What a chain of `n` operations costs. */
export function costOf(claim: Claim, n: number): Cost {
  return planned(claim, n, (program, inputs) => {
    const { calls, peakBytes, eagerBytes, buffers } = program.plan!;
    // What the plan keeps from one replay to the next is there before.
    const kept = buffers.reduce((a, b) => a + b, 0);
    const replay = measured(() => program.run(...inputs));
    const x = rand([ELEMENTS], { requiresGrad: claim.memory > 0 });
    const eager = measured(() => claim.eager(x, n));
    return { n, calls: calls.length, planned: peakBytes, unplanned: eagerBytes, replayed: replay.bytes + kept, eager: eager.bytes, replayTime: replay.time, eagerTime: eager.time };
  });
}

/** Lengths, each four times the one before, and squares. */
export const lengths: readonly number[] = [64, 256, 1024, 4096];

/**
 * The exponent by which `values` grow with n, where n is four times as large from one to the next: that of their differences, in which
 * constants cancel. 0 for what does not grow.
 */
export function exponentOf(values: readonly number[]): number {
  const [a, b, c] = values.slice(-3) as [number, number, number];
  return c === b ? 0 : Math.log(Math.abs((c - b) / (b - a))) / Math.log(4);
}

/** The costs of all claims, length by length. */
export function costs(): readonly { readonly claim: Claim; readonly rows: readonly Cost[] }[] {
  return claims.map((claim) => ({ claim, rows: lengths.map((n) => costOf(claim, n)) }));
}

/** The bytes of all claims over n, both as powers of two: those of plans, and dashed those that were measured. */
export function chartOf(all: ReturnType<typeof costs>): string {
  const curve = (pick: (cost: Cost) => number) => ({ rows }: (typeof all)[number]) => ({
    x: rows.map(({ n }) => Math.log2(n)),
    y: rows.map((cost) => Math.log2(pick(cost) / VALUE)),
  });
  const plans = all.map((one) => ({ label: one.claim.name, ...curve((cost) => cost.planned)(one) }));
  const functions = all.map((one) => ({ label: 'measured, eager', dashed: true, ...curve((cost) => cost.eager)(one) }));
  return viz.lineChart([...plans, ...functions], {
    title: 'Most values at once, by the plan and measured',
    xLabel: 'log₂ of the number of operations',
    yLabel: 'log₂ of the values at once',
  });
}

/** The plan of a short chain as a picture. */
export function pictureOf(claim: Claim, n: number): string {
  return planned(claim, n, (program) => viz.planSvg(program, { title: `${claim.name}: a chain of ${n} operations` }));
}

const power = (exponent: number): string => `n^${exponent.toFixed(2)}`;
const kib = (bytes: number): string => (bytes / 1024).toFixed(1);

/** Prints the claims and writes two kinds of pictures to `folder`. */
export function showCosts(folder = 'out'): void {
  console.log('\nWhat a chain of n operations costs: the plan beside what is measured (KiB at once, µs)');
  const all = costs();
  const head = ['n', 'calls', 'plan', 'replay', 'call by call', 'eager', 'replay µs', 'eager µs'];
  const widths = head.map((name) => Math.max(name.length, 9));
  const line = (cells: readonly string[]): string => `   ${cells.map((cell, i) => cell.padStart(widths[i]!)).join('  ')}`;
  for (const { claim, rows } of all) {
    console.log(`\n${claim.name}: claimed are ${power(claim.work)} calls and ${power(claim.memory)} bytes`);
    console.log(line(head));
    for (const c of rows) {
      const bytes = [c.planned, c.replayed, c.unplanned, c.eager].map(kib);
      console.log(line([String(c.n), String(c.calls), ...bytes, c.replayTime.toFixed(0), c.eagerTime.toFixed(0)]));
    }
    const grown = (['calls', 'planned', 'replayed', 'unplanned', 'eager'] as const).map((key) => power(exponentOf(rows.map((c) => c[key]))));
    console.log(line(['grows', ...grown]));
  }
  mkdirSync(folder, { recursive: true });
  const pictures = [['costs', chartOf(all)], ...claims.map((claim, i) => [`plan-${i + 1}`, pictureOf(claim, 9)] as const)] as const;
  for (const [name, text] of pictures) {
    writeFileSync(`${folder}/${name}.svg`, text);
    console.log(`  wrote ${folder}/${name}.svg`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  showCosts();
  if (!(await showForms())) process.exitCode = 1;
}
