// Operations spread over threads. The binaries with threads are built by `npm run build -- --threads`, since they take their own standard
// library and some minutes; without them this file says so and tests what is to be had.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import binaryen from 'binaryen';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LoadError, type Tensor, UsageError, arange, getNumThreads, manualSeed, nn, ones, optim, rand, randn, reset, scope, setNumThreads, zeros } from 'adjoint';
import { help } from '../ts/runtime/helping-thread';

const folder = join(import.meta.dirname, '..', 'dist', 'wasm');
const hasBinary = existsSync(join(folder, 'adjoint.threads.simd128.wasm.gz'));
if (!hasBinary) console.warn('threads.test.ts: most of it is skipped: npm run build -- --threads makes the binaries with threads');

/** The bits of a tensor. */
function bitsOf(t: Tensor): string {
  const values = t.detach().toTypedArray();
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

it('there is one thread at first, and an argument that is no number of threads is refused', async () => {
  expect(getNumThreads()).toBe(1);
  await setNumThreads(1);
  expect(getNumThreads()).toBe(1);
  for (const wrong of [0, -1, 1.5, '2', null, undefined]) expect(() => setNumThreads(wrong as never)).toThrow(UsageError);
  expect(() => setNumThreads({ n: 2, nonsense: 1 } as never)).toThrow(/nonsense/);
});

it.skipIf(hasBinary)('a build without the binary says how to get it', async () => {
  await expect(setNumThreads(2)).rejects.toThrow(LoadError);
  await expect(setNumThreads(2)).rejects.toThrow(/adjoint\.threads\..*cannot be read/);
});

it('a thread that meets a bug in the middle of a range says so in the memory, and to the thread that started it', () => {
  const { none, i32, createType } = binaryen;
  const module = new binaryen.Module();
  module.setFeatures(binaryen.Features.Atomics | binaryen.Features.BulkMemory);
  module.setMemory(1, 1, 'memory', [], true);
  module.addMemoryImport('0', 'env', 'memory', true);
  module.addFunctionImport('object_table', 'env', 'object_table', none, none);
  const word = (at: number, value: number) => module.i32.store(0, 4, module.i32.const(at), module.i32.const(value));
  const add = (name: string, parameters: number, body: number) => {
    module.addFunction(name, parameters, none, [], body);
    module.addFunctionExport(name, name);
  };
  add('__wbindgen_start', i32, module.block(null, [module.call('object_table', [], none), word(0, 1)]));
  add('threads_starting', i32, module.i32.store(4, 4, module.i32.const(0), module.local.get(0, i32)));
  add('threads_serve', i32, module.block(null, [module.i32.store(8, 4, module.i32.const(0), module.local.get(0, i32)), module.unreachable()]));
  add('threads_lost', createType([]), word(12, 1));
  expect(module.validate()).toBe(1);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const said: string[] = [];
  help({ module: new WebAssembly.Module(Uint8Array.from(module.emitBinary())), memory, index: 3 }, (what) => said.push(what));
  expect(said).toEqual(['helping', 'lost']);
  expect([...new Int32Array(memory.buffer, 0, 4)]).toEqual([1, -1, 3, 1]);
});

describe.skipIf(!hasBinary)('with the binary', () => {
  it('is refused while tensors live, which would be lost', async () => {
    const x = ones([2]);
    await expect(setNumThreads(2)).rejects.toThrow(/1 tensors live in the binary without threads/);
    expect(x.tolist()).toEqual([1, 1]);
    x.dispose();
  });

  it('takes the random numbers along', async () => {
    manualSeed(7);
    rand([3]).dispose();
    const before = randn([5]);
    const wanted = before.tolist();
    before.dispose();
    manualSeed(7);
    rand([3]).dispose();
    await setNumThreads({ n: 2 });
    expect(getNumThreads()).toBe(2);
    expect(randn([5]).tolist()).toEqual(wanted);
  });

  it('reset() goes back to one thread, and threads can be had again', async () => {
    const lost = ones([2]);
    reset();
    expect(getNumThreads()).toBe(1);
    expect(() => lost.add(1)).toThrow();
    expect(ones([2]).sum().item()).toBe(2);
    reset();
    await setNumThreads(3);
    expect(getNumThreads()).toBe(3);
    expect(ones([100_000]).sum().item()).toBe(100_000);
  });

  it('the number can be changed while tensors live', async () => {
    const x = arange(1e5, { dtype: 'float32' });
    const sums: number[] = [];
    for (const n of [4, 1, 2, 4, 3, 1, 4]) {
      await setNumThreads(n);
      expect(getNumThreads()).toBe(n);
      sums.push(Number(x.mul(2).add(1).sum().item()));
    }
    expect(new Set(sums).size).toBe(1);
    const both = Promise.all([setNumThreads(4), setNumThreads(2), setNumThreads(3)]);
    x.exp().dispose();
    await both;
    expect(getNumThreads()).toBe(3);
    x.dispose();
  });

  it('a thread that ends between operations is missing, and the others go on', async () => {
    const threads = process.getBuiltinModule('worker_threads');
    const original = threads.Worker;
    const made: InstanceType<typeof original>[] = [];
    threads.Worker = class extends original {
      constructor(...args: ConstructorParameters<typeof original>) {
        super(...args);
        made.push(this);
      }
    };
    try {
      reset();
      await setNumThreads(3);
      expect([made.length, getNumThreads()]).toEqual([2, 3]);
      await made[0]!.terminate();
      expect(getNumThreads()).toBe(2);
      const side = 300;
      expect(ones([side, side]).matmul(ones([side, side])).sum().item()).toBe(side ** 3);
      await setNumThreads(3);
      expect([made.length, getNumThreads()]).toEqual([3, 3]);
    } finally {
      threads.Worker = original;
    }
  });

  it('a program ends though threads wait for work', () => {
    const script = `import { ones, setNumThreads, getNumThreads } from 'adjoint';
      await setNumThreads(4);
      console.log(getNumThreads(), ones([300, 300]).matmul(ones([300, 300])).sum().item());`;
    const text = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 60_000, cwd: join(import.meta.dirname, '..') });
    expect(text.trim()).toBe('4 27000000');
  });

  describe('bits', () => {
    afterAll(() => { reset(); });

    /** Kernels of every family, on shapes drawn by `int`. */
    const KERNELS: Record<string, (int: (most: number) => number) => Tensor> = {
      'matrix product': (int) => {
        const [m, k, n] = [int(220), int(300), int(220)];
        return randn([m, k]).matmul(randn([k, n]));
      },
      'product of transposed': (int) => {
        const [m, k, n] = [int(120), int(120), int(120)];
        return randn([k, m]).t().matmul(randn([n, k]).t());
      },
      'batched product': (int) => {
        const [b, m, k, n] = [int(12), int(40), int(40), int(40)];
        return randn([b, m, k]).matmul(randn([b, k, n]));
      },
      'matrix times vector': (int) => {
        const [m, k] = [int(600), int(600)];
        return randn([m, k]).matmul(randn([k]));
      },
      formulas: (int) => randn([int(300), int(300)]).mul(2).sigmoid().tanh(),
      broadcast: (int) => {
        const [m, n] = [int(300), int(300)];
        return randn([m, n]).mul(randn([m, 1])).add(randn([n]));
      },
      transposed: (int) => {
        const [m, n] = [int(200), int(200)];
        return randn([m, n]).t().add(randn([n, m]));
      },
      float64: (int) => randn([int(20_000)], { dtype: 'float64' }).sin().exp(),
      half: (int) => randn([int(20_000)]).to('float16').mul(1.5),
      integers: (int) => arange(int(50_000)).mul(3).remainder(7),
      'sum of rows': (int) => randn([int(200), int(400)]).sum(1),
      'sum of columns': (int) => randn([int(200), int(400)]).sum(0),
      'sum of all': (int) => randn([int(60_000)]).sum(),
      variance: (int) => randn([int(100), int(300)]).var(1),
      maximum: (int) => randn([int(200), int(200)]).amax(1),
      cumsum: (int) => randn([int(200), int(200)]).cumsum(1),
      softmax: (int) => randn([int(200), int(200)]).softmax(1),
      'log softmax of columns': (int) => randn([int(200), int(200)]).logSoftmax(0),
      sort: (int) => randn([int(60), int(200)]).sort(1)[0],
      gather: (int) => randn([int(100), 50]).indexSelect(0, zeros([40], { dtype: 'int64' })),
      'layer norm': (int) => {
        const n = int(200);
        const x = randn([int(200), n]).requiresGrad_();
        const norm = new nn.LayerNorm([n]);
        norm.call(x).mul(randn([n])).sum().backward();
        return x.grad!.sum(0).add(norm.weight!.grad!).add(norm.bias!.grad!);
      },
      'batch norm': (int) => {
        const x = randn([1 + int(16), 6, 1 + int(20), 8]).requiresGrad_();
        const norm = new nn.BatchNorm2d(6);
        norm.call(x).square().sum().backward();
        return x.grad!;
      },
      convolution: (int) => {
        const [channels, filters] = [int(9), int(20)];
        const conv = new nn.Conv2d(channels, filters, 3, { padding: 1, stride: int(2) });
        const x = randn([int(9), channels, 2 + int(20), 2 + int(20)]).requiresGrad_();
        conv.call(x).square().sum().backward();
        return x.grad!.sum().add(conv.weight.grad!.sum()).add(conv.bias!.grad!.sum()).add(conv.weight.grad!);
      },
      'grouped convolution': (int) => {
        const conv = new nn.Conv2d(8, 8, 3, { groups: 8 });
        const x = randn([int(9), 8, 3 + int(20), 3 + int(20)]).requiresGrad_();
        conv.call(x).square().sum().backward();
        return x.grad!.sum().add(conv.weight.grad!);
      },
      pooling: (int) => {
        const x = randn([int(9), int(9), 4 + int(20), 4 + int(20)]).requiresGrad_();
        new nn.MaxPool2d(2).call(x).square().sum().backward();
        return x.grad!;
      },
      attention: (int) => {
        const [heads, length, width] = [int(6), int(100), int(40)];
        const [q, k, v] = [0, 1, 2].map(() => randn([2, heads, length, width]).requiresGrad_()) as [Tensor, Tensor, Tensor];
        nn.functional.scaledDotProductAttention(q, k, v, { isCausal: true }).square().sum().backward();
        return q.grad!.add(k.grad!).add(v.grad!);
      },
      lstm: (int) => {
        const [inputs, hidden] = [int(20), int(50)];
        const layer = new nn.LSTM(inputs, hidden);
        const [out] = layer.call(randn([int(8), int(40), inputs]));
        out.square().sum().backward();
        return out;
      },
      'cross entropy': (int) => {
        const [n, classes] = [int(300), 1 + int(80)];
        const x = randn([n, classes]).requiresGrad_();
        nn.functional.crossEntropy(x, arange(n).remainder(classes)).backward();
        return x.grad!;
      },
      adam: (int) => {
        const p = new nn.Parameter(randn([int(30_000)]));
        const adam = new optim.Adam([p], { lr: 0.1 });
        for (let i = 0; i < 2; i++) {
          adam.zeroGrad();
          p.square().sum().backward();
          adam.step();
        }
        return p;
      },
    };

    const rounds = Number(process.env['ADJOINT_THREAD_ROUNDS'] ?? 8);

    /** The bits of a kernel's results, the same shapes and numbers at every call. */
    function drawn(name: string): string[] {
      manualSeed(name.length);
      let state = name.length + 1;
      const int = (most: number): number => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return 1 + ((state >>> 8) % most);
      };
      return Array.from({ length: rounds }, () => scope(() => bitsOf(KERNELS[name]!(int))));
    }

    const plain: Record<string, string[]> = {};
    beforeAll(async () => {
      reset();
      for (const name of Object.keys(KERNELS)) plain[name] = drawn(name);
      reset();
      await setNumThreads(4);
    }, 300_000);

    it.each(Object.keys(KERNELS))('%s: those of the binary without threads with 1, 2, 3 and 4', async (name) => {
      for (const threads of [1, 2, 3, 4]) {
        await setNumThreads(threads);
        expect(getNumThreads()).toBe(threads);
        expect(drawn(name).findIndex((bits, i) => bits !== plain[name]![i]), `${threads} threads, first round that differs`).toBe(-1);
      }
    }, 300_000);
  });
});
