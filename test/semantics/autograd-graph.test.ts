// autograd.graph: hooks on saved tensors, on nodes and on several gradients, edges; anomaly mode.
import { type Tensor, autograd, ones, tensor } from 'adjoint';
import { behaves, fails } from './behaves';

/** A float32 leaf of these elements. */
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const nodeOf = (t: Tensor): string | null => t.gradFn?.name() ?? null;
const { grad } = autograd;
const graphs = autograd.graph;
const hooks = autograd.savedTensorsHooks;
const asItIs = (t: Tensor): Tensor => t;

behaves('of nested hooks the innermost is used', ['i', 'i', 'o', 'o'], () => {
  const log: unknown[] = [], x = leaf(2);
  hooks(t => (log.push('o'), t), asItIs, () => {
    const y = hooks(t => (log.push('i'), t), asItIs, () => x.mul(x));
    y.mul(y);
  });
  return log;
});

behaves('hooks pack only while they are on, and unpack whenever', [['p'], ['p', 'u']], () => {
  const log: unknown[] = [], x = leaf(2);
  const y = hooks(t => (log.push('p'), t), t => (log.push('u'), t), () => x.exp());
  const z = y.mul(3), a = [...log];
  z.sum().backward();
  return [a, log];
});

behaves('unpack runs in each walk', ['u', 'u'], () => {
  const log: unknown[] = [], x = leaf(2), y = hooks(asItIs, t => (log.push('u'), t), () => x.exp());
  y.sum().backward({ retainGraph: true });
  y.sum().backward();
  return log;
});

behaves('pack may return anything', [4], () => {
  const x = leaf(2), y = hooks(t => t.tolist(), l => tensor(l), () => x.mul(x));
  y.sum().backward();
  return x.grad;
});

behaves('unpack must return a tensor', 'error', () => {
  const x = leaf(2), y = hooks(asItIs, () => (5 as never), () => x.mul(x));
  return fails(() => y.sum().backward());
});

behaves('pack must not change its argument', 'error', () => {
  const x = leaf(2);
  return hooks(t => {
    t.mul_(2);
    return t;
  }, asItIs, () => fails(() => x.mul(1).exp()));
});

behaves('what pack throws leaves everything as it was', ['error', 'ExpBackward0'], () => {
  const x = leaf(2);
  return [fails(() => hooks(() => { throw new Error('p'); }, asItIs, () => x.exp())), nodeOf(x.exp())];
});

behaves('packed values have second derivatives', [[12], [12]], () => {
  const x = leaf(2), y = hooks(t => t.detach().mul(1), asItIs, () => x.pow(3));
  const [g] = grad(y.sum(), x, { createGraph: true }), [h] = grad(g.sum(), x);
  return [g, h];
});

behaves('hooks on saved tensors can be forbidden', ['error', 'error'], () => {
  const x = leaf(2);
  const r = fails(() => graphs.disableSavedTensorsHooks('not here', () => hooks(asItIs, asItIs, () => x.mul(x))));
  return [r, hooks(asItIs, asItIs, () => fails(() => graphs.disableSavedTensorsHooks('no', () => { })))];
});

behaves('saveOnCpu', [4], () => {
  const x = leaf(2), y = graphs.saveOnCpu(() => x.mul(x));
  y.sum().backward();
  return x.grad;
});

behaves('saved values may change inside allowMutationOnSavedTensors', [0.077004, -2.8289], () => {
  const x = leaf(2, 3);
  graphs.allowMutationOnSavedTensors(() => {
    const y = x.mul(1), z = y.sin().mul(y);
    y.mul_(100);
    z.sum().backward();
  });
  return x.grad;
});

behaves('… also through a view', [4, 6], () => {
  const x = leaf(2, 3);
  graphs.allowMutationOnSavedTensors(() => {
    const y = x.mul(1), z = y.mul(y);
    y.index(0).zero_();
    z.sum().backward();
  });
  return x.grad;
});

behaves('… which does not nest, and the walk belongs inside', ['error', 'error'], () => {
  const x = leaf(2, 3), M = graphs.allowMutationOnSavedTensors;
  const z = M(() => {
    const y = x.mul(1);
    return y.mul(y);
  });
  return [fails(() => M(() => M(() => { }))), fails(() => z.sum().backward())];
});

behaves('a hook on several gradients runs once a walk, with null for those it does not compute', [[2, 1, null], [6, 3, 2]], () => {
  const a = leaf(1), b = leaf(2), c = leaf(3), log: unknown[] = [], h = graphs.registerMultiGradHook([a, b, c], gs => { log.push(gs.map(g => g === null ? null : g.item())); });
  a.mul(b).sum().backward();
  a.mul(b).mul(c).sum().backward();
  h.remove();
  a.mul(b).sum().backward();
  return log;
});

behaves('a hook on any of several gradients runs at the first', 1, () => {
  const a = leaf(1), b = leaf(2), log: unknown[] = [];
  graphs.registerMultiGradHook([a, b], g => { log.push(g.item()); }, { mode: 'any' });
  a.mul(b).mul(3).sum().backward();
  return log.length;
});

behaves('a hook on several intermediate gradients', [[3, 2]], () => {
  const a = leaf(1), b = a.mul(2), c = a.mul(3), log: unknown[] = [];
  graphs.registerMultiGradHook([b, c], gs => { log.push(gs.map(g => g!.item())); });
  b.mul(c).sum().backward();
  return log;
});

behaves('a gradient edge stands for a tensor in grad()', [[[12], [36]], 0, 'MulBackward0', 'torch::autograd::AccumulateGrad', 'error'], () => {
  const x = leaf(2), y = x.mul(3), e = graphs.getGradientEdge(y), z = y.mul(y).sum(), ex = graphs.getGradientEdge(x);
  return [grad(z, [e, ex], { retainGraph: true }), e.outputNr, e.node.name(), ex.node.name(), fails(() => graphs.getGradientEdge(ones([1])))];
});

behaves('a walk may start at a gradient edge whose tensor is gone', [15], () => {
  const x = leaf(2), y = x.mul(3), e = graphs.getGradientEdge(y);
  y.dispose();
  autograd.backward(e, tensor([5]));
  return x.grad;
});

behaves('a hook on a node sees the gradients of its inputs and outputs', [[[3, null], [1]]], () => {
  const x = leaf(2), y = x.mul(3), log: unknown[] = [];
  y.gradFn!.registerHook((gi, go) => { log.push([gi.map(g => g && g.item()), go.map(g => g!.item())]); });
  y.sum().backward();
  return log;
});

behaves('… and may replace those of the inputs', [300], () => {
  const x = leaf(2), y = x.mul(3), h = y.gradFn!.registerHook(gi => [gi[0]!.mul(100), null]);
  y.sum().backward();
  const a = x.grad!.clone();
  h.remove();
  return a;
});

behaves('a hook before a node may replace the gradients of its outputs', [30], () => {
  const x = leaf(2), y = x.mul(3);
  y.gradFn!.registerPrehook(go => [go[0]!.mul(10)]);
  y.sum().backward();
  return x.grad;
});

behaves('hooks of tensors, then before the node, then after it', ['tensor', 'pre', 'post'], () => {
  const x = leaf(2), y = x.mul(3), log: unknown[] = [];
  y.registerHook(() => { log.push('tensor'); });
  y.gradFn!.registerPrehook(() => { log.push('pre'); });
  y.gradFn!.registerHook(() => { log.push('post'); });
  y.retainGrad();
  y.sum().backward();
  return log;
});

behaves('hooks on the node of a leaf run around the accumulation', [true, [0, 1, 3]], () => {
  const x = leaf(2), acc = x.mul(1).gradFn!.nextFunctions[0]![0]!, log: unknown[] = [];
  acc.registerHook((gi, go) => { log.push([gi.length, go.length, x.grad!.item()]); });
  acc.registerPrehook(() => { log.push(x.grad === null); });
  x.mul(3).sum().backward();
  return log;
});

behaves('a node takes any property in its metadata', [5, true], () => {
  const y = leaf(2).mul(3);
  y.gradFn!.metadata.k = 5;
  return [y.gradFn!.metadata.k, y.gradFn!.metadata === y.gradFn!.metadata];
});

behaves('incrementVersion', 1, () => {
  const x = ones([2]);
  graphs.incrementVersion(x);
  return x._version;
});

behaves('the op whose derivative is NaN', ['error', true, true], () => {
  const x = leaf(-1);
  return autograd.detectAnomaly(() => {
    const y = x.sqrt().mul(0);
    return [fails(() => y.sum().backward()), autograd.isAnomalyEnabled(), autograd.isAnomalyCheckNanEnabled()];
  });
});

behaves('without the search for NaN', ['nan'], () => {
  const x = leaf(-1);
  autograd.detectAnomaly({ checkNan: false }, () => { x.sqrt().mul(0).sum().backward(); });
  return x.grad;
});

behaves('the mode ends with its guard', [true, false], () => {
  const g = autograd.setDetectAnomaly(true);
  const a = autograd.isAnomalyEnabled();
  g.dispose();
  return [a, autograd.isAnomalyEnabled()];
});

behaves('a NaN that a hook makes is found at the next node', 'error', () => {
  const x = leaf(1), y = x.mul(2);
  y.registerHook(g => g.mul(NaN));
  return autograd.detectAnomaly(() => {
    const z = y.mul(3);
    return fails(() => z.sum().backward());
  });
});
