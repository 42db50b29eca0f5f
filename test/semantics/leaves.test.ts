// Which tensors are leaves, and what the graph behind the others looks like.
import { type Tensor, noGrad, ones, rand, tensor, zeros } from 'adjoint';
import { behaves, fails } from './behaves';

const rg = (t: Tensor): Tensor => t.requiresGrad_();
/** A float32 leaf of these elements. */
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const nodeOf = (t: Tensor): string | null => t.gradFn?.name() ?? null;

behaves('an edge says which output of the node it is', [1, 0, 0, 0], () => {
  const x = rg(rand([2, 3])), u = x.mul(1).unbind(0), s = u[1]!.mul(2), m = x.mul(1).max(1);
  return [s, u[0]!.mul(2), (m as any)[0]!.mul(1), x.mul(1)].map(t => t.gradFn.nextFunctions[0]![1]);
});

behaves('the node of a leaf is one object, and knows its variable', [true, true, true, true], () => {
  const a = leaf(1), y = a.mul(2), z = a.mul(3);
  return [y.gradFn!.nextFunctions[0]![0] === z.gradFn!.nextFunctions[0]![0], y.gradFn!.nextFunctions[0]![0]!.variable === a, y.gradFn === y.gradFn, y.gradFn === y.gradFn];
});

behaves('a tensor written with one that requires grad is no leaf until it is detached in place', [true, false, false, true, 'AddBackward0', true, false, null, true, true], () => {
  const z = zeros([2]), x = leaf(1, 2), a = [z.isLeaf, z.requiresGrad];
  z.add_(x);
  a.push(z.isLeaf, z.requiresGrad, (nodeOf(z) as never));
  z.detach_();
  a.push(z.isLeaf, z.requiresGrad, (nodeOf(z) as never));
  z.requiresGrad_();
  a.push(z.isLeaf, z.requiresGrad);
  return a;
});

behaves('which tensors are leaves and which require grad', [true, false, true, true, true, true, false, true, false, true, false, false, false, false, true, true, true], () => {
  const x = leaf(1, 2);
  const [y, v, w] = noGrad(() => [x.mul(2), x.index(0), x.view([2, 1])]);
  return [y.isLeaf, y.requiresGrad, v.isLeaf, v.requiresGrad, w.requiresGrad, w.isLeaf, x.index(0).isLeaf, x.detach().isLeaf, x.clone().isLeaf, x.gt(0).isLeaf, x.gt(0).requiresGrad, x.argmax().requiresGrad, (x.sort() as any)[1].requiresGrad, x.to('int32').requiresGrad, x.to('float32') === x, x.contiguous() === x, x.float() === x];
});

behaves('a leaf frozen after the graph was made gets no gradient', [null, false], () => {
  const x = leaf(1, 2), y = x.mul(2).sum();
  x.requiresGrad_(false);
  y.backward();
  return [x.grad, x.requiresGrad];
});

behaves('requiresGrad of computed tensors and of integers', ['error', true, 'error', 'error', 'error', false], () => {
  const x = leaf(1), y = x.mul(2);
  return [fails(() => y.requiresGrad_(false)), y.requiresGrad_(true) === y, fails(() => { y.requiresGrad = false; }), fails(() => ones([2], { dtype: 'int64' }).requiresGrad_()), fails(() => tensor([1], { dtype: 'int64', requiresGrad: true })), tensor([1], { dtype: 'int64' }).requiresGrad_(false).requiresGrad];
});

behaves('detach_ is refused for views and leaves other views alone', ['error', 'error', false, true, true], () => {
  const x = leaf(1, 2).mul(1), v = x.index(0), u = x.view([2]);
  return [fails(() => v.detach_()), fails(() => x.split(1)[0]!.detach_()), x.detach_().requiresGrad, v.requiresGrad, u.requiresGrad];
});

behaves('detach_ cuts what comes after, not what was computed before', [[6, 6], false, true], () => {
  const x = leaf(1, 2), y = x.mul(2), z = y.mul(3);
  y.detach_();
  z.sum().backward();
  return [x.grad, y.requiresGrad, y.isLeaf];
});
