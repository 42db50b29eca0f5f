// The least an operation on 8 numbers can cost, beside what it costs here.
//
//   npm run bench -- floor
//
// bench/kernels/floor is a library of one operation that does only what every library with tensors, checked handles and a tape must:
// no shapes, no dtypes, no versions, no hooks, no errors. The class below does the same on this side of the boundary. Both take turns;
// times are the best of many, since everything else on the machine only adds.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scope, tensor, type Tensor } from 'adjoint';
import { CEILING_FOLDER, hasRelaxed } from './subjects/ceiling';

const CALLS = 100;
const TURNS = 2000;
/** Runs in one turn, so that a turn is far longer than a tick of the clock. */
const RUNS = 10;

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly nothing: (op: number, a: number, b: number) => number;
  readonly start: () => void;
  readonly words: () => number;
  readonly make: (first: number, tracked: number) => number;
  readonly copy: (op: number, a: number, b: number) => number;
  readonly mul: (op: number, a: number, b: number) => number;
  readonly backward: (root: number, g: number) => number;
  readonly take_gradient: (a: number) => number;
  readonly release_many: (n: number) => void;
}

/** One way to call, on the floor and here. */
export interface FloorCost {
  readonly name: string;
  /** Nanoseconds a call, the best turn. */
  readonly floor: number;
  readonly library: number;
}

/** A library of one operation. */
function floorLibrary() {
  const binary = Uint8Array.from(readFileSync(join(CEILING_FOLDER, `floor-${hasRelaxed() ? 'relaxed' : 'simd128'}.wasm`)));
  const exports = new WebAssembly.Instance(new WebAssembly.Module(binary)).exports as unknown as Exports;
  const { nothing, make, copy, mul, backward, take_gradient, release_many } = exports;
  exports.start();
  const handles = new Int32Array(exports.memory.buffer, exports.words(), 1024);
  let length = 0;

  class Floor {
    readonly handle: number;

    constructor(handle: number) {
      this.handle = handle;
    }

    nothing(): number {
      return nothing(0, this.handle, 0);
    }

    copy(): Floor {
      return made(copy(0, this.handle, 0));
    }

    mul(other: Floor): Floor {
      return made(mul(0, this.handle, other.handle));
    }

    backward(g: Floor): void {
      if (backward(this.handle, g.handle) < 0) throw new Error('released');
    }

    takeGradient(): number {
      return take_gradient(this.handle);
    }
  }

  function made(handle: number): Floor {
    if (handle < 0) throw new Error('released');
    const t = new Floor(handle);
    handles[length++] = handle;
    return t;
  }

  function floorScope(fn: () => void): void {
    const start = length;
    fn();
    // Only scopes that are not nested are measured.
    release_many(length - start);
    length = start;
  }

  return { leaf: (first: number, isTracked: boolean) => new Floor(make(first, isTracked ? 1 : 0)), scope: floorScope };
}

function best(times: number[], run: () => void): void {
  const start = performance.now();
  for (let i = 0; i < RUNS; i++) run();
  times[0] = Math.min(times[0] ?? Infinity, ((performance.now() - start) * 1e6) / (RUNS * CALLS));
}

/** Runs all measurements. */
export function floorCosts(): FloorCost[] {
  const floor = floorLibrary();
  const [fx, fy, fw] = [floor.leaf(1, false), floor.leaf(-1, false), floor.leaf(1, true)];
  const ones = [1, 1, 1, 1, 1, 1, 1, 1];
  const [x, y, w] = [tensor(ones), tensor(ones.map((one) => -one)), tensor(ones, { requiresGrad: true })];

  // Every row has loops of its own: in a loop they share, the engine would know neither what is called nor on what.
  const floorChain = (from: typeof fx) => {
    let t = from;
    for (let i = 0; i < CALLS; i++) t = t.mul(fy);
    return t;
  };
  const chain = (from: Tensor) => {
    let t = from;
    for (let i = 0; i < CALLS; i++) t = t.mul(y);
    return t;
  };
  const rows: readonly [name: string, floor: () => void, library: () => void][] = [
    [
      'a call that makes nothing',
      () => { for (let i = 0; i < CALLS; i++) fx.nothing(); },
      () => { for (let i = 0; i < CALLS; i++) if (x.requiresGrad) throw new Error('a plain tensor requires no grad'); },
    ],
    [
      'a tensor without an operation',
      () => { floor.scope(() => { for (let i = 0; i < CALLS; i++) fx.copy(); }); },
      () => { scope(() => { for (let i = 0; i < CALLS; i++) x.detach(); }); },
    ],
    ['an operation of a chain, forward', () => { floor.scope(() => { floorChain(fx); }); }, () => { scope(() => { chain(x); }); }],
    ['the same, recorded', () => { floor.scope(() => { floorChain(fw); }); }, () => { scope(() => { chain(w); }); }],
    [
      'the same, forward and backward',
      () => {
        floor.scope(() => { floorChain(fw).backward(fy); });
        // A hundred factors of -1 are 1, and the gradient handed in was -1.
        if (fw.takeGradient() !== -1) throw new Error('the floor computes something else');
      },
      () => {
        scope(() => { chain(w).backward(y); });
        w.grad = null;
      },
    ],
  ];
  return rows.map(([name, onFloor, here]) => {
    const [floorTimes, times]: [number[], number[]] = [[], []];
    // The first turns are the engine's, to compile.
    for (let turn = 0; turn < TURNS; turn++) {
      best(floorTimes, onFloor);
      best(times, here);
    }
    return { name, floor: floorTimes[0]!, library: times[0]! };
  });
}

/** Prints the table. */
export function showFloor(): void {
  console.log(`Node ${process.versions.node}, V8 ${process.versions.v8}; ns a call on 8 numbers, best of many\n`);
  console.log(`${''.padEnd(40)}${'floor'.padStart(8)}${'library'.padStart(9)}`);
  for (const { name, floor, library } of floorCosts()) {
    console.log(`${name.padEnd(40)}${floor.toFixed(1).padStart(8)}${library.toFixed(1).padStart(9)}`);
  }
}
