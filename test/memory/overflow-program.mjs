// Overflows the stack again and again with calls of one kind, and prints what is left: test/memory/stack-overflow.test.ts runs it in a
// process of its own. Arguments: the kind, and how often.
import * as adjoint from 'adjoint';

const { Scope, autograd, capture, checkpoint, einsum, enableGrad, func, inferenceMode, isGradEnabled, manualSeed, memoryStats, nn, noGrad, ones, randn, scope, tensor } = adjoint;

manualSeed(0);
const p = ones([4], { requiresGrad: true });
const m = randn([4, 4]);
const index = tensor([0n, 2n]);
const linear = new nn.Linear(4, 4);
const forgetGradients = () => { for (const t of [p, ...linear.parameters()]) t.grad = null; };

class Square extends autograd.Function {
  static forward(ctx, x) {
    ctx.saveForBackward(x);
    return x.mul(x);
  }

  static backward(ctx, g) {
    return g.mul(ctx.savedTensors[0]).mul(2);
  }
}

/** Calls that a recursion makes at each level. */
const calls = {
  add: () => m.add(1),
  sum: () => m.sum([0], { keepdim: true }),
  softmax: () => m.softmax(1),
  index: () => m.index(index, 0),
  matmul: () => m.matmul(m),
  einsum: () => einsum('ij,jk->ik', m, m),
  sort: () => m.sort(),
  item: () => m.select(0, 0).select(0, 0).item(),
  print: () => String(m),
  tensor: () => tensor([[1, 2], [3, 4]]),
  dropout: () => nn.functional.dropout(m, 0.5),
  conv: () => nn.functional.conv2d(m.view([1, 1, 4, 4]), m.view([1, 1, 4, 4]), { padding: 2 }),
  noGrad: () => noGrad(() => p.mul(2)),
  inferenceMode: () => inferenceMode(() => p.mul(2)),
  backward: () => p.mul(2).exp().sum().backward(),
  grad: () => autograd.grad(p.mul(2).exp().sum(), [p]),
  module: () => linear.call(m).sum().backward(),
  custom: () => Square.apply(p).sum().backward(),
  hook: () => {
    const y = p.mul(2);
    y.registerHook((g) => g.mul(2));
    y.sum().backward();
  },
  checkpoint: () => checkpoint((x) => x.sin(), p).sum().backward(),
  vmap: () => func.vmap((x) => x.mul(2).sum())(m),
  jvp: () => func.jvp((x) => x.sin(), [m], [m]),
  funcGrad: () => func.grad((x) => x.sin().sum())(m),
  capture: () => capture((x) => x.mul(2), m).dispose(),
};

/** What recurses from within a call. */
const nestings = {
  'in scope': (again) => scope(() => { m.mul(2); again(); }),
  'in Scope': (again) => {
    const s = new Scope();
    try {
      again();
    } finally {
      s.dispose();
    }
  },
  'in noGrad': (again) => noGrad(() => { m.mul(2); again(); }),
  'in vmap': (again) => func.vmap((x) => { again(); return x; })(m.narrow(0, 0, 1)),
  'in jvp': (again) => func.jvp((x) => { again(); return x; }, [m], [m]),
  'in grad': (again) => func.grad((x) => { again(); return x.sum(); })(m),
  'in a hook': (again) => {
    const y = p.mul(2);
    y.registerHook(() => enableGrad(again));
    y.sum().backward();
  },
  'in a backward': (again) => {
    class Nested extends Square {
      static backward(ctx, g) {
        enableGrad(again);
        return g;
      }
    }
    Nested.apply(p).sum().backward();
  },
  'in a checkpoint': (again) => checkpoint((x) => { again(); return x.mul(1); }, p),
  'in a capture': () => capture((x) => { (function deeper() { x.mul(1); deeper(); })(); return x; }, m),
};

const [, , kind, rounds] = process.argv;

function overflow() {
  const nesting = nestings[kind];
  const again = nesting === undefined
    ? () => { scope(calls[kind]); forgetGradients(); again(); }
    : () => { nesting(again); };
  again();
}

/** Begins some calls deeper, so that the stack ends elsewhere. */
const deeper = (levels) => { if (levels > 0) deeper(levels - 1); else scope(overflow); };

const numbers = () => scope(() => {
  const y = p.mul(3).sum();
  y.backward();
  const gradient = p.grad.tolist();
  forgetGradients();
  return JSON.stringify([m.matmul(m).add(1).sum().item(), m.sort()[0].tolist(), gradient, isGradEnabled(), func.vmap((x) => x.mul(2).sum())(m).tolist()]);
});
const stats = async () => {
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await new Promise((resolve) => { setTimeout(resolve, 1); });
  }
  const { tensors, storages } = memoryStats();
  return { tensors, storages };
};

const expected = numbers();
const before = await stats();
const thrown = new Set();
for (let i = 0; i < Number(rounds); i++) {
  try {
    deeper(i % 29);
  } catch (error) {
    thrown.add(`${error.name}: ${error.message}`);
  }
  forgetGradients();
}
const after = await stats();
console.log(JSON.stringify({ thrown: [...thrown], isSame: numbers() === expected, more: after.tensors - before.tensors, moreStorages: after.storages - before.storages }));
