// Hooks of modules, and what nn.utils does to gradients and parameters.
import { Tensor, nn, noGrad, tensor } from 'adjoint';
import { behaves, fails } from './behaves';

/** A float32 leaf of these elements. */
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const { utils } = nn;
/** y = w · x. */
function scale(w: number): nn.Linear {
  const m = new nn.Linear(1, 1, false);
  noGrad(() => m.weight.fill_(w));
  return m;
}

behaves('the order of all hooks of a module, with prepend', ['pre0', 'pre1', 'post0', 'post1', 'bpre', 'b0', 'b1'], () => {
  const m = new nn.Linear(1, 1), log: unknown[] = [];
  const p = (x: any) => () => { log.push(x); };
  m.registerForwardPreHook(p('pre1'));
  m.registerForwardPreHook(p('pre0'), { prepend: true });
  m.registerForwardHook(p('post1'));
  m.registerForwardHook(p('post0'), { prepend: true });
  m.registerFullBackwardPreHook(p('bpre'));
  m.registerFullBackwardHook(p('b1'));
  m.registerFullBackwardHook(p('b0'), { prepend: true });
  m.call(leaf(1)).sum().backward();
  return log;
});

behaves('hooks may replace arguments and output', [21], () => {
  const m = scale(2);
  m.registerForwardPreHook((_m: any, a: any) => [(((((a[0]!.mul)))))(10)]);
  m.registerForwardHook((_m: any, _a: any, o: any) => (((((o.add)))))(1));
  return m.call(tensor([1]));
});

behaves('a pre-hook may return the one argument', [20], () => {
  const m = scale(2);
  m.registerForwardPreHook((_m: any, a: any) => (((((a[0]!.mul)))))(10));
  return m.call(tensor([1]));
});

behaves('a backward hook sees null for inputs without gradient', [[[[10]], [[5]]], [[null], [[1]]]], () => {
  const m = scale(2), log: unknown[] = [];
  m.registerFullBackwardHook((_m, gi, go) => { log.push([gi.map(g => g && g.tolist()), go.map(g => g!.tolist())]); });
  m.call(leaf(1)).mul(5).sum().backward();
  m.call(tensor([1])).sum().backward();
  return log;
});

behaves('a backward hook may replace the gradient of the input', [[200], [[1]]], () => {
  const m = scale(2);
  m.registerFullBackwardHook((_m, gi) => [gi[0]!.mul(100)]);
  const x = leaf(1);
  m.call(x).sum().backward();
  return [x.grad, m.weight.grad];
});

behaves('a backward pre-hook may replace the gradient of the output', [[200], [[100]]], () => {
  const m = scale(2);
  m.registerFullBackwardPreHook((_m, go) => [go[0]!.mul(100)]);
  const x = leaf(1);
  m.call(x).sum().backward();
  return [x.grad, m.weight.grad];
});

behaves('named arguments are the last argument', [[20], [20]], () => {
  class M extends nn.Module {
    override forward(x: any, { k = 1 } = {}) { return x.mul(k); }
  }
  ;
  const m = new M(), log: unknown[] = [];
  m.registerForwardPreHook((_m: any, [x, { k }]: any) => [x, { k: k * 10 }]);
  m.registerForwardHook((_m, a) => { log.push((a[1] as any).k); });
  return [m.call(tensor([1]), { k: 2 }), log];
});

behaves('alwaysCall', ['error', [null]], () => {
  class M extends nn.Module {
    override forward() { throw new Error('x'); }
  }
  ;
  const m = new M(), log: unknown[] = [];
  m.registerForwardHook((_m, _a, o) => { log.push(o); }, { alwaysCall: true });
  m.registerForwardHook(() => { log.push('no'); });
  return [fails(() => (m.call as any)(tensor([1]))), log];
});

behaves('a removed hook does not run', [1], () => {
  const m = scale(1), log: unknown[] = [], h = m.registerForwardHook(() => { log.push(1); });
  m.call(tensor([1]));
  h.remove();
  m.call(tensor([1]));
  return log;
});

behaves('hooks of all modules', ['pre', 'pre', 'ReLU', 'Sequential'], () => {
  const log: unknown[] = [], h = nn.registerModuleForwardHook(m => { log.push(m.constructor.name); }), h2 = nn.registerModuleForwardPreHook(() => { log.push('pre'); });
  new nn.Sequential(new nn.ReLU()).call(tensor([1]));
  h.remove();
  h2.remove();
  return log;
});

behaves('clipGradNorm_', [5, [0.6], [0.8]], () => {
  const a = leaf(3), b = leaf(4);
  a.grad = tensor([3]);
  b.grad = tensor([4]);
  return [utils.clipGradNorm_([a, b], 1), a.grad, b.grad];
});

behaves('clipGradNorm_ with the largest absolute value', [4, [1.5], [-2]], () => {
  const a = leaf(3), b = leaf(4);
  a.grad = tensor([3]);
  b.grad = tensor([-4]);
  return [utils.clipGradNorm_([a, b], 2, { normType: Infinity }), a.grad, b.grad];
});

behaves('clipGradNorm_ without gradients', [0, 0], () => [utils.clipGradNorm_([leaf(3)], 1), utils.clipGradNorm_([], 1)]);

behaves('clipGradNorm_ of NaN', 'error', () => {
  const a = leaf(3);
  a.grad = tensor([NaN]);
  return fails(() => utils.clipGradNorm_([a], 1, { errorIfNonfinite: true }));
});

behaves('clipGradValue_', [2, -2], () => {
  const a = leaf(3, 1);
  a.grad = tensor([3, -9]);
  utils.clipGradValue_([a], 2);
  return a.grad;
});

behaves('getTotalNorm', [5], () => [utils.getTotalNorm([tensor([3]), tensor([4])])]);

behaves('parametersToVector and vectorToParameters', [[1, 2, 3], [10, 20], [30], true], () => {
  const a = leaf(1, 2), b = leaf(3), v = utils.parametersToVector([a, b]);
  const r = v.tolist();
  utils.vectorToParameters(v.detach().mul(10), [a, b]);
  return [r, a, b, v.requiresGrad];
});

behaves('a Parameter requires grad unless told otherwise', [true, false, true, true, true], () => {
  const p = new nn.Parameter(tensor([1])), q = new nn.Parameter(tensor([1]), { requiresGrad: false });
  return [p.requiresGrad, q.requiresGrad, p.isLeaf, p instanceof Tensor, p.mul(2).requiresGrad];
});

behaves('zeroGrad', [null, [[0]]], () => {
  const m = new nn.Linear(1, 1);
  m.call(tensor([1])).sum().backward();
  m.zeroGrad();
  const a = m.weight.grad;
  m.call(tensor([1])).sum().backward();
  m.zeroGrad(false);
  return [a, m.weight.grad];
});

behaves('requiresGrad_ of a module', [false, false, true], () => {
  const m = new nn.Linear(1, 1);
  m.requiresGrad_(false);
  return [m.weight.requiresGrad, m.call(tensor([1])).requiresGrad, m.call(leaf(1)).requiresGrad];
});

/** A module of two layers with hooks of every kind on both, and what they saw. */
function withStateHooks(): { net: nn.Sequential; log: unknown[] } {
  const first = new nn.Linear(1, 1);
  const net = new nn.Sequential(first, new nn.Linear(1, 1, false));
  const log: unknown[] = [];
  for (const [name, m] of [['net', net], ['first', first]] as [string, nn.Module][]) {
    m.registerStateDictPreHook((_m, prefix) => { log.push([name, 'pre', prefix]); });
    m.registerStateDictPostHook((_m, state, prefix) => { log.push([name, 'post', prefix, Object.keys(state)]); });
    m.registerLoadStateDictPreHook((_m, state, prefix, _meta, strict) => { log.push([name, 'load', prefix, Object.keys(state), strict]); });
    m.registerLoadStateDictPostHook((_m, { missingKeys, unexpectedKeys }) => { log.push([name, 'loaded', [...missingKeys], [...unexpectedKeys]]); });
  }
  return { net, log };
}

const NAMES = ['0.weight', '0.bias', '1.weight'];

behaves(
  'the order of state dict hooks and what they see',
  [
    ['net', 'pre', ''], ['first', 'pre', '0.'], ['first', 'post', '0.', ['0.weight', '0.bias']], ['net', 'post', '', NAMES],
    ['net', 'load', '', NAMES, true], ['first', 'load', '0.', ['0.weight', '0.bias'], true], ['first', 'loaded', [], []], ['net', 'loaded', [], []],
  ],
  () => {
    const { net, log } = withStateHooks();
    net.loadStateDict(net.stateDict());
    return log;
  },
);

behaves('hooks may rename what is loaded and forgive what is missing', [[[3]], ['w'], ['bias'], [[3]]], () => {
  const m = scale(1);
  const handle = m.registerLoadStateDictPreHook((_m, state) => {
    state['weight'] = state['w']!;
    delete state['w'];
  });
  const given = { w: tensor([[3]]) };
  m.loadStateDict(given);
  handle.remove();
  const other = new nn.Linear(1, 1);
  let missing: string[] = [];
  other.registerLoadStateDictPostHook((_m, keys) => {
    missing = [...keys.missingKeys];
    keys.missingKeys.length = 0;
  });
  other.loadStateDict({ weight: tensor([[3]]) });
  return [m.weight, Object.keys(given), missing, other.weight];
});

behaves('a state dict post-hook may change the result and must not return one; a pre-hook may report errors', [['extra'], 'error', 'error'], () => {
  const m = scale(1);
  const handle = m.registerStateDictPostHook((_m, state, prefix) => {
    Reflect.deleteProperty(state, `${prefix}weight`);
    state['extra'] = tensor([1]);
  });
  const keys = Object.keys(m.stateDict());
  handle.remove();
  m.registerStateDictPostHook(() => 3);
  const other = scale(1);
  other.registerLoadStateDictPreHook((_m, _s, _p, _meta, _strict, _missing, _unexpected, errors) => { errors.push('not today'); });
  return [keys, fails(() => m.stateDict()), fails(() => other.loadStateDict(scale(2).stateDict()))];
});

const itemOf = (g: Tensor | null): number | null => (g === null ? null : Number(g.item()));

behaves('backward hooks run in every walk, see all arguments, and their outputs must not be written', [[['pre', 1], [2, 1], ['pre', 3], [6, 3]], [[[2, 0], [1]]], 'error', 'error', 'BackwardHookFunctionBackward'], () => {
  const m = scale(2), log: unknown[] = [];
  m.registerFullBackwardHook((_m, gi, go) => { log.push([gi[0]!.item(), go[0]!.item()]); });
  m.registerFullBackwardPreHook((_m, go) => { log.push(['pre', go[0]!.item()]); });
  const y = m.call(leaf(1).view(1, 1));
  y.sum().backward(null, { retainGraph: true });
  y.mul(3).sum().backward();
  class First extends nn.Module {
    override forward(a: Tensor, _b: Tensor): Tensor {
      return a.mul(2);
    }
  }
  const first = new First(), seen: unknown[] = [];
  first.registerFullBackwardHook((_m, gi, go) => { seen.push([gi.map(itemOf), go.map(itemOf)]); });
  first.call(leaf(2), leaf(3)).backward();
  const other = scale(2);
  other.registerFullBackwardHook((_m, gi) => [gi[0]!, gi[0]!]);
  const z = other.call(leaf(1).view(1, 1));
  return [log, seen, fails(() => { z.sum().backward(); }), fails(() => z.add_(1)), z.gradFn!.name()];
});
