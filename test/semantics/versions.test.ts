// Versions of storages, and values a derivative needs that are changed in place.
import { type Tensor, inferenceMode, noGrad, ones, optim, tensor, zeros } from 'adjoint';
import { behaves, fails } from './behaves';

/** A float32 leaf of these elements. */
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const INT = { dtype: 'int64' } as const;

behaves('how much each kind of operation raises the version', [1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 2], () => {
  const r: unknown[] = [];
  const v = (f: any) => {
    const t = ones([2, 2]);
    f(t);
    r.push(t._version);
  };
  v((t: any) => t.add_(1));
  v((t: any) => t.add(1));
  v((t: any) => t.zero_());
  v((t: any) => t.copy_(zeros([2, 2])));
  v((t: any) => t.fill_(2));
  v((t: any) => t.index(0).add_(1));
  v((t: any) => t.view([4]).mul_(2));
  v((t: any) => t.setitem(0, 5));
  v((t: any) => t.detach().add_(1));
  v((t: any) => t.detach());
  v((t: any) => t.clone().add_(1));
  v((t: any) => t.normal_());
  v((t: any) => t.uniform_());
  v((t: any) => t.clamp_(0, 1));
  v((t: any) => t.requiresGrad_());
  v((t: any) => t.unsqueeze(0).squeeze(0).add_(1));
  v((t: any) => t.indexAdd_(0, tensor([0], INT), ones([1, 2])));
  v((t: any) => t.scatter_(0, tensor([[0, 0]], INT), 1));
  v((t: any) => t.maskedFill_(t.gt(0), 0));
  v((t: any) => t.setitem(t.gt(0), 0));
  v((t: any) => t.add_(1).mul_(2));
  return r;
});

behaves('views and detached aliases share the version, clones do not', [1, 1, 1, 0, 2, 2, 2], () => {
  const t = ones([2, 2]), v = t.index(0), d = t.detach(), c = t.clone();
  t.add_(1);
  const a = [t._version, v._version, d._version, c._version];
  v.mul_(2);
  return [...a, t._version, v._version, d._version];
});

behaves('a change in noGrad raises the version', 1, () => {
  const t = leaf(1, 2);
  noGrad(() => t.add_(1));
  return t._version;
});

behaves("results start at version 0, windows share their base's", [0, 0, 1, 1], () => {
  const t = ones([2]);
  t.add_(1);
  return [t.add(1)._version, t.clone()._version, t.view([2])._version, t.detach()._version];
});

behaves('inference tensors have no version', 'error', () => {
  const t = inferenceMode(() => ones([2]));
  return fails(() => t._version);
});

behaves("an optimizer's step raises the version", true, () => {
  const t = leaf(1), o = new optim.SGD([t], { lr: .1 });
  t.mul(2).sum().backward();
  o.step();
  return t._version > 0;
});

behaves('_base is the tensor a window looks on, through any number of windows', [true, true, true, true, false, true, false, true, false, false, false], () => {
  const x = ones([4]), v = x.view([2, 2]), w = v.index(0);
  const isv = (t: any) => t._base !== null;
  return [x._base === null, v._base === x, w._base === x, x.detach()._base === null, isv(x.detach()), isv(v), isv(x.clone()), x.reshape([2, 2])._base === x, isv(x.contiguous()), isv(v.t().contiguous()), isv(v.t().reshape([4]))];
});

behaves('a saved value changed in place is noticed', 'error', () => {
  const x = leaf(1, 2), y = x.mul(2), z = y.mul(y);
  y.add_(1);
  return fails(() => z.sum().backward());
});

behaves('a change of what was not saved does no harm', [2, 2], () => {
  const x = leaf(1, 2), y = x.mul(2), z = y.add(1);
  y.add_(1);
  z.sum().backward();
  return x.grad;
});

behaves('a saved value changed through a view is noticed', 'error', () => {
  const x = leaf(1, 2), y = x.mul(2), z = y.mul(y);
  y.index(0).add_(1);
  return fails(() => z.sum().backward());
});

behaves('a saved value changed through a detached alias is noticed', 'error', () => {
  const x = leaf(1, 2), y = x.mul(2), z = y.mul(y);
  y.detach().add_(1);
  return fails(() => z.sum().backward());
});

behaves('a weight changed in noGrad between forward and backward is noticed', 'error', () => {
  const w = leaf(1, 2), x = leaf(3, 4), z = w.mul(x).sum();
  noGrad(() => w.mul_(2));
  return fails(() => z.backward());
});

behaves('an op that saved its output notices a change of it', 'error', () => {
  const y = leaf(1).exp();
  y.add_(1);
  return fails(() => y.sum().backward());
});

behaves('relu notices a change of its output', 'error', () => {
  const y = leaf(1, -1).relu();
  y.add_(1);
  return fails(() => y.sum().backward());
});

behaves('sin does not need its output', [0.5403], () => {
  const x = leaf(1), y = x.sin();
  y.add_(1);
  y.sum().backward();
  return x.grad;
});
