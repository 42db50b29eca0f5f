// The plans of the target `webgpu`, which need no device: what is one kernel, what is a view, and which buffers are shared.
import { brotliCompressSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { UsageError, type DType } from 'adjoint';
import { planOf, type Plan } from '../ts/graph/targets/webgpu/plan';
import type { Attribute, FunctionalRecord, RecordedCall } from '../ts/graph/targets/webgpu/record';
import type { Dispatch } from '../ts/graph/targets/webgpu/shader';

/** A record in the making. */
class Making {
  readonly values: { dtype: DType; shape: readonly number[] }[] = [];
  readonly inputs: number[] = [];
  readonly constants: { value: number; name?: string; number?: number; elements?: readonly number[] }[] = [];
  readonly calls: RecordedCall[] = [];
  readonly updates: { constant: number; value: number }[] = [];

  value(shape: readonly number[], dtype: DType = 'float32'): number {
    return this.values.push({ dtype, shape }) - 1;
  }

  input(shape: readonly number[], dtype: DType = 'float32'): number {
    const value = this.value(shape, dtype);
    this.inputs.push(value);
    return value;
  }

  constant(shape: readonly number[], rest: { name?: string; number?: number; elements?: readonly number[] } = {}, dtype: DType = 'float32'): number {
    const value = this.value(shape, dtype);
    this.constants.push({ value, ...rest });
    return value;
  }

  call(op: string, inputs: readonly number[], shape: readonly number[], attributes: Record<string, Attribute> = {}, dtype: DType = 'float32'): number {
    const value = this.value(shape, dtype);
    this.calls.push({ op, inputs, attributes, outputs: [value] });
    return value;
  }

  record(...outputs: number[]): FunctionalRecord {
    return { values: this.values, inputs: this.inputs, outputs, constants: this.constants, calls: this.calls, updates: this.updates };
  }

  plan(...outputs: number[]): Plan {
    return planOf(this.record(...outputs));
  }
}

const kernels = (plan: Plan): Dispatch[] => plan.actions.filter((action) => action.is === 'dispatch');
const labels = (plan: Plan): string[] => kernels(plan).map(({ label }) => label);

describe('a plan', () => {
  it('makes one kernel of elementwise ops, and its text is this', () => {
    const m = new Making();
    const [x, y] = [m.input([2, 3]), m.input([3])];
    const sum = m.call('add', [x, y], [2, 3]);
    const plan = m.plan(m.call('relu', [sum], [2, 3]));
    expect(labels(plan)).toEqual(['elementwise']);
    expect(kernels(plan)[0]!.code).toBe(`@group(0) @binding(0) var<storage, read> b0: array<f32>;
@group(0) @binding(1) var<storage, read> b1: array<f32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = i32(group.x) * 64 + i32(thread);
  if (row >= 6) { return; }
  let o0: f32 = b0[row];
  let o1: i32 = (row % 3);
  let o2: f32 = b1[o1];
  let o3: f32 = o0 + o2;
  let o4: f32 = select(o3, 0.0, o3 < 0.0);
  b2[row] = o4;
}
`);
  });

  it('reads transposes, slices and what is repeated by strides', () => {
    const m = new Making();
    const [x, w] = [m.input([5, 3]), m.constant([7, 3], { name: 'weight' })];
    const turned = m.call('permute', [w], [3, 7], { dims: [1, 0] });
    const rows = m.call('slice', [x], [2, 3], { dim: 0, start: 1, end: 3, step: 1 });
    expect(labels(m.plan(m.call('matmul', [rows, turned], [2, 7])))).toEqual(['product']);
  });

  it('adds a bias and bends it within the kernel of the product', () => {
    const m = new Making();
    const [x, w, b] = [m.input([5, 3]), m.constant([3, 7]), m.constant([7])];
    const product = m.call('matmul', [x, w], [5, 7]);
    const sum = m.call('add', [product, b], [5, 7]);
    const plan = m.plan(m.call('tanh', [sum], [5, 7]));
    expect(labels(plan)).toEqual(['product']);
    expect(kernels(plan)[0]!.bindings).toHaveLength(4);
  });

  it('has tiles of shared memory for large products alone, whose text takes drivers long', () => {
    const product = (rows: number, depth: number): string => {
      const m = new Making();
      return kernels(m.plan(m.call('matmul', [m.input([rows, depth]), m.input([depth, 4])], [rows, 4])))[0]!.code;
    };
    expect(product(9, 13)).not.toContain('workgroupBarrier');
    expect(product(9, 256)).not.toContain('workgroupBarrier');
    expect(product(9, 257)).toContain('workgroupBarrier');
    expect(product(4096, 128)).toContain('workgroupBarrier');
  });

  it('computes random numbers of their place, their call and the run, in memory nowhere', () => {
    const m = new Making();
    const [x, run] = [m.input([4, 5]), m.constant([], { name: 'random', elements: [7] }, 'int64')];
    const [a, b] = [0, 1].map((stream) => m.call('rand', [run], [4, 5], { stream, size: [4, 5] })) as [number, number];
    const plan = m.plan(m.call('add', [m.call('mul', [x, a], [4, 5]), b], [4, 5]));
    expect(labels(plan)).toEqual(['elementwise']);
    const { code } = kernels(plan)[0]!;
    expect(code).toMatch(/random_of\(0u, \w+, \w+\)/);
    expect(code).toMatch(/random_of\(1u, \w+, \w+\)/);
  });

  it('computes a product once that two values are made of', () => {
    const m = new Making();
    const [x, w] = [m.input([5, 3]), m.constant([3, 7])];
    const product = m.call('matmul', [x, w], [5, 7]);
    const plan = m.plan(m.call('exp', [product], [5, 7]), m.call('neg', [product], [5, 7]));
    expect(labels(plan).filter((label) => label === 'product')).toHaveLength(1);
  });

  it('binds at most 8 buffers and none twice, however many values an expression has', () => {
    const m = new Making();
    const parts = Array.from({ length: 20 }, () => m.input([4, 4]));
    const plan = m.plan(parts.reduce((a, b) => m.call('add', [a, b], [4, 4])), m.call('cat', parts, [80, 4], { dim: 0 }));
    for (const { bindings } of kernels(plan)) {
      expect(bindings.length).toBeLessThanOrEqual(8);
      const buffers = bindings.map(({ store }) => plan.bufferOf.get(store));
      expect(new Set(buffers).size).toBe(buffers.length);
    }
  });

  it('shares the buffers of values that are not read any more', () => {
    const m = new Making();
    let x = m.input([64, 64]);
    for (let i = 0; i < 20; i++) x = m.call('matmul', [x, m.constant([64, 64])], [64, 64]);
    const plan = m.plan(x);
    const temporary = new Set(kernels(plan).flatMap(({ bindings }) => bindings.filter(({ store }) => store.role === 'temporary').map(({ store }) => plan.bufferOf.get(store))));
    expect(temporary.size).toBe(2);
  });

  it('leaves out what nothing reads', () => {
    const m = new Making();
    const x = m.input([4, 4]);
    m.call('matmul', [m.call('matmul', [x, x], [4, 4]), x], [4, 4]);
    expect(labels(m.plan(m.call('neg', [x], [4, 4])))).toEqual(['elementwise']);
  });

  it('writes what a constant holds after a step where it is, in one kernel for all that reads the same', () => {
    const m = new Making();
    const [p, v, g] = [m.constant([300], { name: 'p' }), m.constant([300], { name: 'v' }), m.input([300])];
    const next = m.call('add', [v, g], [300]);
    m.updates.push({ constant: v, value: next }, { constant: p, value: m.call('sub', [p, next], [300]) });
    const plan = m.plan();
    expect(labels(plan)).toEqual(['update']);
    expect(kernels(plan)[0]!.bindings.map(({ writes }) => writes).sort()).toEqual([false, true, true]);
  });

  it('reads a constant before an update of it: the count of steps is raised last', () => {
    const m = new Making();
    const [step, p] = [m.constant([], { name: 'step', number: 3 }), m.constant([300], { name: 'p' })];
    const one = m.constant([], { number: 1 });
    m.updates.push({ constant: step, value: m.call('add', [step, one], []) }, { constant: p, value: m.call('sub', [p, step], [300]) });
    const plan = m.plan();
    const written = kernels(plan).map(({ bindings }) => bindings.find(({ writes }) => writes)!.store);
    expect(written).toEqual([plan.constants.get(p), plan.constants.get(step)]);
  });

  it('copies first where two constants change places', () => {
    const m = new Making();
    const [a, b] = [m.constant([3], { name: 'a' }), m.constant([3], { name: 'b' })];
    m.updates.push({ constant: a, value: b }, { constant: b, value: a });
    const plan = m.plan();
    const first = kernels(plan).findIndex(({ bindings }) => bindings.some(({ store, writes }) => writes && store.role === 'constant'));
    for (const { bindings } of kernels(plan).slice(first)) {
      for (const { store, writes } of bindings) if (!writes) expect(store.role).toBe('temporary');
    }
  });

  it('needs no memory for integers in steps, nor for one number', () => {
    const m = new Making();
    const [x, places, half] = [m.input([3, 4], 'int64'), m.constant([1, 4], { elements: [0, 1, 2, 3] }, 'int64'), m.constant([], { number: 0.5 })];
    const isPlace = m.call('eq', [x, places], [3, 4], {}, 'bool');
    const plan = m.plan(m.call('mul', [m.call('to', [isPlace], [3, 4], { dtype: 'float32' }), half], [3, 4]));
    expect(kernels(plan)[0]!.bindings).toHaveLength(2);
  });

  it('folds the rows of a softmax in one kernel, and no rows but those', () => {
    const m = new Making();
    const [x, w] = [m.input([5, 40]), m.input([5, 40])];
    const keep = { dim: [1], keepdim: true };
    const powers = m.call('exp', [m.call('sub', [x, m.call('amax', [x], [5, 1], keep)], [5, 40])], [5, 40]);
    const shares = m.call('div', [powers, m.call('sum', [powers], [5, 1], keep)], [5, 40]);
    expect(labels(m.plan(shares))).toEqual(['max, sum', 'elementwise']);
    // By columns it is another kernel.
    const column = m.call('sum', [m.call('sub', [w, m.call('amax', [w], [5, 1], keep)], [5, 40])], [1, 40], { dim: [0], keepdim: true });
    expect(labels(m.plan(column))).toEqual(expect.arrayContaining(['max', 'sum']));
  });

  it('has no kernel where there are no elements', () => {
    const m = new Making();
    const x = m.input([0, 3]);
    expect(m.plan(m.call('exp', [x], [0, 3])).actions).toEqual([]);
    expect(labels(m.plan(m.call('sum', [x], [3], { dim: [0], keepdim: false })))).toEqual(['sum', 'copy']);
  });
});

describe('a plan is refused', () => {
  it('where kernels are lacking, naming all of them and how often', () => {
    const m = new Making();
    const x = m.input([4, 4]);
    const y = m.call('linalg.qr', [m.call('cumsum', [m.call('cumsum', [x], [4, 4])], [4, 4])], [4, 4]);
    expect(() => m.plan(y)).toThrow(UsageErrorOf());
    expect(() => m.plan(y)).toThrow('there is no kernel for cumsum (2 times), linalg.qr; keep that outside');
  });

  it('for dtypes that the device has not', () => {
    const m = new Making();
    expect(() => m.plan(m.call('exp', [m.input([4], 'float64')], [4], {}, 'float64'))).toThrow('values of dtype float64');
  });

  it('for values that are larger than a kernel may bind', () => {
    const m = new Making();
    expect(() => m.plan(m.call('exp', [m.input([40_000_000])], [40_000_000]))).toThrow('take a smaller batch');
  });
});


describe('the target', () => {
  it('is a chunk of its own, which is loaded when it is asked for, of at most 25 KB', async () => {
    const absWorkingDir = fileURLToPath(new URL('..', import.meta.url));
    const { outputFiles, metafile } = await build({
      absWorkingDir, entryPoints: ['ts/index.ts'], bundle: true, splitting: true, minify: true, format: 'esm', target: 'es2022', metafile: true, write: false, outdir: 'out',
    });
    const made = Object.entries(metafile.outputs);
    const isOfTarget = (name: string): boolean => name.startsWith('ts/graph/targets/webgpu/');
    // What a page loads at once: the entry, and the chunks that it imports, which these import.
    const loaded = new Set(made.filter(([, { entryPoint }]) => entryPoint === 'ts/index.ts').map(([name]) => name));
    for (const name of loaded) for (const { path, kind } of metafile.outputs[name]!.imports) if (kind === 'import-statement') loaded.add(path);
    const early = made.filter(([name]) => loaded.has(name)).flatMap(([, { inputs }]) => Object.keys(inputs));
    expect(early).toContain('ts/graph/capture.ts');
    expect(early.filter(isOfTarget)).toEqual([]);
    const late = made.filter(([name, { inputs }]) => !loaded.has(name) && Object.keys(inputs).some(isOfTarget)).map(([name]) => name);
    const bytes = outputFiles.filter(({ path }) => late.some((name) => path.replaceAll('\\', '/').endsWith(name))).map(({ contents }) => brotliCompressSync(contents).length);
    expect(bytes.length).toBeGreaterThan(0);
    expect(bytes.reduce((a, b) => a + b)).toBeLessThan(25_000);
  });
});

/** The sources have classes of their own, of the same name. */
function UsageErrorOf(): object {
  return expect.objectContaining({ code: new UsageError('').code });
}
