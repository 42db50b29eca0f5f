// Hooks and the garbage collector: a hook goes with its tensor, also where its function refers to that tensor, and stays as long as a graph
// leads to it.
import { beforeAll, describe, expect, it } from 'vitest';
import { AutogradFunction, autograd, memoryStats, nn, ones, scope, steps, zeros, type FunctionCtx, type Tensor } from 'adjoint';

const COUNT = 200;

const settled = () => new Promise((resolve) => setTimeout(resolve, 1));

async function collected(): Promise<void> {
  // What a finalizer gives back may free more; each round frees one such link.
  for (let round = 0; round < 8; round++) {
    await settled();
    global.gc!();
    await settled();
  }
}

/** Refers to a value. */
const touch = (value: unknown): unknown => value;

const leaf = (): Tensor => ones([2], { requiresGrad: true });

class WithOutput extends AutogradFunction {
  static override forward(ctx: FunctionCtx, x: Tensor): Tensor {
    const y = x.mul(2);
    ctx['output'] = y;
    return y;
  }
  static override backward(_ctx: FunctionCtx, g: Tensor): Tensor {
    return g.mul(2);
  }
}

describe('tensors are collected in spite of', () => {
  const kinds: Record<string, () => void> = {
    'a hook that refers to nothing': () => void leaf().registerHook(() => undefined),
    'a hook of a leaf that refers to it': () => {
      const x = leaf();
      x.registerHook((g) => g.mul(x));
    },
    'a hook of a result that refers to it': () => {
      const y = leaf().mul(2);
      y.registerHook((g) => g.mul(y));
    },
    'a hook of a result that was used': () => {
      const y = leaf().mul(2);
      y.registerHook((g) => g.mul(y));
      y.sum();
    },
    'a hook that has run': () => {
      const y = leaf().mul(2);
      y.registerHook((g) => g.mul(y.detach()));
      y.sum().backward();
    },
    'a hook that was removed': () => {
      const x = leaf();
      x.registerHook(() => x).remove();
    },
    'a post-accumulate hook': () => void leaf().registerPostAccumulateGradHook(() => undefined),
    'a post-accumulate hook that refers to its tensor': () => {
      const x = leaf();
      x.registerPostAccumulateGradHook(() => { x.grad = null; });
    },
    'a hook on one tensor': () => void autograd.graph.registerMultiGradHook([leaf()], () => undefined),
    'a hook on several tensors that refers to them': () => {
      const list = [leaf(), leaf(), leaf().mul(2)];
      autograd.graph.registerMultiGradHook(list, () => { touch(list.length); });
    },
    'a retained gradient': () => {
      const y = leaf().mul(2);
      y.retainGrad();
      y.sum().backward();
      y.grad?.mul(2);
    },
    // The gradient is a function of the leaf that holds it.
    'a gradient with a history': () => {
      const x = leaf();
      x.mul(x).sum().backward({ createGraph: true });
    },
    'a gradient with a history, of what was disposed of': () => {
      const x = leaf();
      const y = x.exp();
      y.backward(y, { createGraph: true });
      x.dispose();
      y.dispose();
    },
    'a retained gradient with a history': () => {
      const y = leaf().mul(2);
      y.retainGrad();
      y.mul(y).sum().backward({ createGraph: true });
    },
    'a gradient with a history, in a scope': () => {
      scope(() => {
        const x = leaf();
        x.mul(x).sum().backward({ createGraph: true });
      });
    },
    'a hook of a node that refers to its tensor': () => {
      const y = leaf().mul(2);
      y.gradFn!.registerHook(() => { touch(y.shape); });
      y.gradFn!.registerPrehook(() => { touch(y.shape); });
    },
    'hooks on saved tensors': () => {
      autograd.graph.savedTensorsHooks((t) => ({ t }), ({ t }) => t, () => leaf().exp().sum());
    },
    'hooks of a module that refer to it and to its output': () => {
      const m = new nn.Linear(2, 2);
      const out: Tensor[] = [];
      m.registerForwardHook(() => { touch(m.weight); });
      m.registerFullBackwardHook(() => { touch(out.length); });
      m.registerStateDictPostHook(() => { touch(m.weight); });
      out.push(m.call(ones([1, 2])));
    },
    'the context of a custom function that refers to its output': () => void WithOutput.apply(leaf()),
  };

  beforeAll(collected);

  it.each(Object.entries(kinds))('%s', async (_, make) => {
    const before = memoryStats();
    for (let i = 0; i < COUNT; i++) make();
    await collected();
    const after = memoryStats();
    expect(after.tensors - before.tensors).toBeLessThan(COUNT / 10);
    expect(after.nodes - before.nodes).toBeLessThan(COUNT / 10);
  });
});

it('a gradient with a history is there as long as a handle names its tensor', async () => {
  const make = (): Tensor => {
    const x = leaf();
    const other = x.mul(x).sum().gradFn!.nextFunctions[0]![0]!.nextFunctions[0]![0]!.variable!;
    x.mul(x).sum().backward({ createGraph: true });
    return other;
  };
  const x = make();
  await collected();
  expect(x.grad!.tolist()).toEqual([2, 2]);
  expect(x.grad!.sum().gradFn).not.toBeNull();
});

describe('a hook runs as long as a graph leads to it', () => {
  it('after the tensor it is on was collected', async () => {
    const seen: string[] = [];
    const make = (): Tensor => {
      const x = leaf();
      const y = x.mul(2);
      x.registerHook((g) => { seen.push(`leaf ${String(g.tolist())}`); return g.mul(x.detach()); });
      x.registerPostAccumulateGradHook(() => { seen.push('accumulated'); });
      y.registerHook((g) => { seen.push('result'); return g.mul(y.detach()); });
      y.gradFn!.registerHook(() => { seen.push('node'); });
      autograd.graph.registerMultiGradHook([x, y], () => { seen.push('both'); });
      return y.sum();
    };
    const loss = make();
    await collected();
    loss.backward();
    expect(seen.sort()).toEqual(['accumulated', 'both', 'leaf 4,4', 'node', 'result']);
  });

  it('that a later job made', async () => {
    const seen: string[] = [];
    const make = (): Tensor => {
      const y = leaf().mul(2);
      y.registerHook((g) => { seen.push('result'); return g.mul(y.detach()); });
      return y;
    };
    const held: Tensor[] = [make()];
    await collected();
    const loss = (() => held.pop()!.sum())();
    await collected();
    loss.backward();
    expect(seen).toEqual(['result']);
  });

  it('that a write in place made', async () => {
    const seen: string[] = [];
    const make = (): Tensor => {
      const y = leaf().mul(2);
      y.registerHook((g) => { seen.push('result'); return g.mul(y.detach()); });
      return y;
    };
    const sum = zeros([2]);
    const held: Tensor[] = [make()];
    await collected();
    (() => void sum.add_(held.pop()!))();
    await collected();
    sum.sum().backward();
    expect(seen).toEqual(['result']);
  });

  it('whatever else is collected, job after job', async () => {
    const w = new nn.Parameter(ones([2]));
    let count = 0;
    w.registerHook((g) => { count += 1; return g.mul(w.detach()); });
    for (const step of steps(5)) w.mul(step).sum().backward();
    await collected();
    for (const step of steps(5)) w.mul(step).sum().backward();
    await collected();
    w.sum().backward();
    expect(count).toBe(11);
  });

  it('in the context of a custom function', async () => {
    const loss = (() => WithOutput.apply(leaf()).sum())();
    await collected();
    const x = leaf();
    loss.add(x.sum()).backward();
    expect(x.grad!.tolist()).toEqual([1, 1]);
  });
});
