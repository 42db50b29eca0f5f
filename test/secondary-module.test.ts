// The binary's two modules: what a page trains with is in the primary one, everything else comes with the secondary one when it is called. Where
// that cannot be loaded the call ends in an error that says what to do, and everything else goes on.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as slim from 'adjoint/slim';
import { beforeEach, describe, expect, test } from 'vitest';

const { resolve } = createRequire(import.meta.url);
const primary = resolve('adjoint/adjoint.simd128.wasm');
const secondary = primary.replace(/\.wasm$/, '.secondary.wasm');

function train(): number[] {
  const { manualSeed, nn, optim, tensor } = slim;
  manualSeed(0);
  const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 });
  const [x, y] = [tensor([[0, 0], [0, 1], [1, 0], [1, 1]]), tensor([[0], [1], [1], [0]])]; // prettier-ignore
  return Array.from({ length: 50 }, () => {
    optimizer.zeroGrad();
    const loss = nn.functional.mseLoss(model.call(x), y);
    loss.backward();
    optimizer.step();
    return loss.item();
  });
}

/** Calls a method by name. */
function call(x: slim.Tensor, name: string, ...args: unknown[]): unknown {
  const method = (x as unknown as Record<string, unknown>)[name];
  return typeof method === 'function' ? (method as (...args: unknown[]) => unknown).call(x, ...args) : method;
}

/** What the call throws. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

// A quick build (npm run build -- --quick) is not split.
describe.skipIf(!existsSync(secondary))('the two modules of the binary', () => {
  beforeEach(() => {
    slim.initSync(readFileSync(primary));
  });

  test('the primary module alone trains, prints and refuses', () => {
    const losses = train();
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
    const x = slim.tensor([1, 2], { requiresGrad: true });
    expect(String(x.mul(2))).toBe('tensor([2., 4.], gradFn=<MulBackward0>)');
    expect(() => x.matmul(slim.ones([3]))).toThrow(slim.ShapeError);
    expect(() => x.mul(2).backward()).toThrow('scalar');
  });

  test('a call that needs the secondary module where there is none ends in an error that says what to do', () => {
    const error = thrownBy(() => slim.tensor([1, 2, 3]).cumsum(0));
    expect(error).toBeInstanceOf(slim.LoadError);
    expect((error as slim.LoadError).message).toMatch(/pass adjoint\.simd128\.secondary\.wasm .* to init\(\) as second argument/);
  });

  test('both together are the whole, bit for bit, in any order of loading', () => {
    const losses = train();
    slim.initSync(readFileSync(primary), readFileSync(secondary));
    slim.tensor([3, 1, 2]).sort();
    expect(train()).toEqual(losses);
  });

  test('a fresh instance loads the secondary module anew', () => {
    slim.initSync(readFileSync(primary), readFileSync(secondary));
    expect(slim.tensor([1, 2]).cumsum(0).tolist()).toEqual([1, 3]);
    slim.reset();
    expect(slim.tensor([1, 2]).cumprod(0).tolist()).toEqual([1, 2]);
  });

  test('the primary module is less than a third of the binary', () => {
    expect(statSync(primary).size * 2).toBeLessThan(statSync(secondary).size);
  });

  // Each leaves another kind of call in the middle: a forward pass, arguments being read, random numbers being drawn, a backward pass.
  const double = { dtype: 'float64' } as const;
  const abandoned: Record<string, (x: slim.Tensor, w: slim.Tensor) => unknown> = {
    'an op that is not in the primary module': (x) => x.digamma(),
    'another dtype of one that is': (x) => slim.ones([64, 64], double).exp().mul(slim.tensor(2, double)).add(x.to('float64').sum()),
    'a creation': () => slim.linspace(0, 1, 5, double),
    'random numbers': () => slim.randn([100], double),
    'random numbers of a distribution': (x) => slim.bernoulli(x.sigmoid()),
    'a permutation': () => slim.randperm(10),
    'arguments of other kinds': (x) => x.index(slim.tensor([0n, 2n])),
    'a write in place': (x) => x.detach().clone().cumsum_(0),
    'a reduction with options': (x) => x.norm(3, 0, true),
    'lists of tensors': (x) => slim.stack([x, x], 0),
    'a hook': (_, w) => w.registerHook((g) => g.digamma()),
    'a backward pass': (_, w) => w.to('float64').mul(slim.tensor(2, double)).to('float32').sum().backward(),
    'a backward pass that records': (_, w) => w.pow(3).sum().backward({ createGraph: true }),
    'a backward pass inside a graph': (_, w) => slim.grad(slim.grad(w.pow(3).sum(), [w], { createGraph: true })[0].digamma().sum(), [w]),
    'a function transform': (x) => slim.func.jacrev((v: slim.Tensor) => v.tan())(x),
    'forward mode': (x) => slim.func.jvp((v: slim.Tensor) => v.atan(), [x], [x]),
    'a batched call': (x) => slim.func.vmap((v: slim.Tensor) => v.cumsum(0))(x.reshape([3, 1])),
    'a layer': (x) => new slim.nn.GELU().call(x),
    'a graph as data': (_, w) => slim.graph(w.mul(2).sum()),
    'inference': (x) => slim.inferenceMode(() => x.digamma()),
    'without gradients': (x) => slim.noGrad(() => x.digamma()),
    'with anomaly detection': (_, w) => slim.autograd.detectAnomaly(() => w.log().sum().backward()),
    'a profile': (x) => slim.profiler.profile(() => x.digamma()),
    'a saved tensor that is packed': (_, w) => slim.autograd.graph.savedTensorsHooks((t: slim.Tensor) => t.digamma(), (t: slim.Tensor) => t, () => w.mul(w)),
    'a checkpoint': (_, w) => slim.checkpoint((v: slim.Tensor) => v.digamma(), w).sum().backward(),
    'a scope': (x) => slim.scope(() => x.digamma()),
  };
  for (const [name, call] of Object.entries(abandoned)) {
    test(`the instance lives on after ${name}: tensors, gradients, modes and random numbers are as they were`, () => {
      const untouched = train();
      slim.initSync(readFileSync(primary));
      const x = slim.tensor([1, 2, 3]);
      const w = slim.tensor([1, 2, 3], { requiresGrad: true });
      for (let i = 0; i < 3; i++) {
        const error = thrownBy(() => call(x, w));
        if (error !== undefined) expect(error).toBeInstanceOf(slim.LoadError);
      }
      expect(x.tolist()).toEqual([1, 2, 3]);
      expect(slim.isGradEnabled()).toBe(true);
      const fresh = slim.tensor([2, 3], { requiresGrad: true });
      fresh.mul(fresh).sum().backward();
      expect(fresh.grad!.tolist()).toEqual([4, 6]);
      expect(train()).toEqual(untouched);
    });
  }

  test('calls that are abandoned again and again do not use the stack up', () => {
    const x = slim.tensor([1, 2, 3]);
    for (let i = 0; i < 20_000; i++) expect(thrownBy(() => x.digamma())).toBeInstanceOf(slim.LoadError);
    expect(x.mul(2).tolist()).toEqual([2, 4, 6]);
  });

  // Whatever is called: forward with several arguments and dtypes, on views, in place, and backward through what came of it.
  const methods = new Set<string>();
  for (let place: object | null = slim.Tensor.prototype; place !== null && place !== Object.prototype; place = Object.getPrototypeOf(place) as object | null) {
    for (const name of Object.getOwnPropertyNames(place)) methods.add(name);
    for (const name in place) methods.add(name);
  }
  for (const name of ['constructor', 'dispose']) methods.delete(name);

  test('no method of a tensor ends the instance, whatever its dtype and arguments', { timeout: 120_000 }, () => {
    expect(methods.size).toBeGreaterThan(300);
    const fatal: string[] = [];
    let failed = 0;
    for (const dtype of ['float32', 'float64', 'int64', 'bool'] as const) {
      for (const name of methods) {
        const start = () => slim.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]], { dtype: 'float32' }); // prettier-ignore
        const attempts: [string, (x: slim.Tensor) => unknown][] = [
          ['', (x) => call(x, name)],
          ['tensor', (x) => call(x, name, x)],
          ['1', (x) => call(x, name, 1)],
          ['0, 1', (x) => call(x, name, 0, 1)],
          ['of a view', (x) => call(x.t(), name, 0)],
        ];
        for (const [args, attempt] of attempts) {
          const error = thrownBy(() => {
            const x = start().to(dtype);
            if (dtype.startsWith('float')) x.requiresGrad_();
            const result = attempt(x);
            if (result instanceof slim.Tensor && result.requiresGrad) result.sum().backward();
          });
          if (error instanceof slim.LoadError) failed += 1;
          const after = thrownBy(() => expect(start().mul(2).sum().item()).toBe(90));
          if (after === undefined) continue;
          fatal.push(`${dtype} ${name}(${args}): ${String(error)}; then ${(after as Error).message}`);
          slim.initSync(readFileSync(primary));
        }
      }
    }
    expect(fatal).toEqual([]);
    expect(failed).toBeGreaterThan(1000);
  });
});
