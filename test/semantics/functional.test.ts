// autograd.functional and func: derivatives at a point, and transforms of functions.
import { type Tensor, autograd, func, nn, noGrad, ones, rand, stack, tensor } from 'adjoint';
import { behaves, fails } from './behaves';

/** A float32 leaf of these elements. */
const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const { forwardAd } = autograd;
const { functional } = autograd;
class Tied extends nn.Module {
  a = new nn.Linear(1, 1, false);
  b = new nn.Linear(1, 1, false);
  constructor() { super(); this.b.weight = this.a.weight; }
  override forward(x: Tensor): Tensor { return this.b.call(this.a.call(x)); }
}

behaves('jacobian of one tensor', [[2, 0], [0, 4]], () => functional.jacobian(x => x.pow(2), tensor([1, 2])));

behaves('jacobian of two tensors', [true, [[3, 0], [0, 4]], [[1, 0], [0, 2]]], () => {
  const j = functional.jacobian((x, y) => x.mul(y), [tensor([1, 2]), tensor([3, 4])]);
  return [Array.isArray(j), j[0], j[1]];
});

behaves('jacobian of two outputs', [[[2, 0], [0, 2]], [1, 1]], () => (functional.jacobian as any)((x: Tensor) => [x.mul(2), x.sum()], tensor([1, 2])));

behaves('jacobian with createGraph', [[6, 12], true], () => {
  const x = leaf(1, 2), j = functional.jacobian(x => x.pow(3), x, { createGraph: true });
  j.sum().backward();
  return [x.grad, j.requiresGrad];
});

behaves('jacobian without createGraph has no history', false, () => functional.jacobian(x => x.pow(3), leaf(1, 2)).requiresGrad);

behaves('jacobian of a constant, strict and not', ['error', [[0, 0], [0, 0]]], () => [fails(() => functional.jacobian(() => ones([2]), tensor([1, 2]), { strict: true })), functional.jacobian(() => ones([2]), tensor([1, 2]))]);

behaves('jacobian by forward mode needs vectorize', [[[2, 1], [2, 0], [0, -0.41615]], [[2, 1], [2, 0], [0, -0.41615]], 'error'], () => {
  const f = (x: any) => stack([x.index(0).mul(x.index(1)), x.index(0).pow(2), x.index(1).sin()]);
  const x = tensor([1, 2]);
  return [functional.jacobian(f, x, { vectorize: true }), functional.jacobian(f, x, { vectorize: true, strategy: 'forward-mode' }), fails(() => functional.jacobian(f, x, { strategy: 'forward-mode' }))];
});

behaves('hessian of two tensors', [[[[0, 0], [0, 0]], [[6, 0], [0, 8]]], [[[6, 0], [0, 8]], [[2, 0], [0, 4]]]], () => functional.hessian((x, y) => x.mul(y).mul(y).sum(), [tensor([1, 2]), tensor([3, 4])]));

behaves('hessian of a function that is not scalar', 'error', () => fails(() => functional.hessian(x => x.mul(2), tensor([1, 2]))));

behaves('vjp', [[1, 4], [2, 40], false], () => {
  const [o, g] = functional.vjp(x => x.pow(2), tensor([1, 2]), tensor([1, 10]));
  return [o, g, g.requiresGrad];
});

behaves('vjp without v', ['error', [2, 2]], () => [fails(() => functional.vjp(x => x.mul(2), tensor([1, 2]))), functional.vjp(x => x.mul(2).sum(), tensor([1, 2]))[1]]);

behaves('jvp', [[1, 4], [2, 40]], () => functional.jvp(x => x.pow(2), tensor([1, 2]), tensor([1, 10])));

behaves('vhp and hvp', [[9, [6, 12]], [9, [6, 12]]], () => {
  const f = (x: any) => x.pow(3).sum();
  return [functional.vhp(f, tensor([1, 2]), tensor([1, 1])), functional.hvp(f, tensor([1, 2]), tensor([1, 1]))];
});

behaves('directions of the wrong shape', ['error', 'error'], () => [fails(() => functional.vjp(x => x.mul(2), tensor([1, 2]), tensor([1]))), fails(() => functional.jvp(x => x.mul(2), tensor([1, 2]), tensor([1])))]);

behaves('argnums of every form', [[12], [4], [[12], [4]], [4], [[4]]], () => {
  const f = (x: any, y: any) => x.mul(x).mul(y).sum(), a = tensor([2]), b = tensor([3]);
  return [func.grad(f)(a, b), func.grad(f, 1)(a, b), func.grad(f, [0, 1])(a, b), func.grad(f, { argnums: -1 })(a, b), func.grad(f, [1])(a, b)];
});

behaves('what grad refuses', ['error', 'error', 'error', 'error'], () => [() => func.grad(x => x.mul(2))(tensor([1, 2])), () => func.grad(x => x.sum(), 3)(tensor([1])), () => (func.grad(() => 3) as any)(tensor([1])), () => func.grad(x => x.sum())(tensor([1n, 2n]))].map(fails));

behaves('grad with auxiliary outputs', [[4], [6], false], () => {
  const [g, a] = func.grad(x => [x.mul(x).sum(), { y: x.mul(3) }], { hasAux: true })(tensor([2]));
  return [g, (a as any).y, (a as any).y.requiresGrad];
});

behaves('gradAndValue', [[4], 4], () => func.gradAndValue(x => x.mul(x).sum())(tensor([2])));

behaves('grad of an object of tensors and lists', { 'w': [3], 'b': [[2]] }, () => func.grad(p => p.w.mul(p.b[0]).sum())({ w: tensor([2]), b: [tensor([3])] }));

behaves('an unused argument has zeros', [0], () => func.grad((_x, y) => y.sum())(tensor([2]), tensor([3])));

behaves('grad of grad of grad', [[48], -0.5403], () => [func.grad(x => func.grad(y => y.pow(4).sum())(x).sum())(tensor([2])), func.grad(func.grad(func.grad(x => x.sin())))(tensor(1))]);

behaves('gradients flow to what a function closes over', [[12], true], () => {
  const w = leaf(3), g = func.grad(x => x.mul(x).mul(w).sum())(tensor([2]));
  return [g, g.requiresGrad];
});

behaves('noGrad inside grad holds a part constant', [6], () => func.grad(x => x.mul(noGrad(() => x.mul(2))).sum())(tensor([3])));

behaves('grad inside noGrad', [6], () => noGrad(() => func.grad(x => x.mul(x).sum())(tensor([3]))));

behaves('detach inside grad holds a part constant', [3], () => func.grad(x => x.mul(x.detach()).sum())(tensor([3])));

behaves('nested levels of reverse mode are kept apart', 6, () => func.grad(x => x.mul(func.grad(y => x.mul(y))(tensor(2))))(tensor(3)));

behaves('nested levels of forward mode are kept apart', 1, () => {
  const one = tensor(1), dd = (f: any) => (x: any) => func.jvp(f, [x], [one])[1];
  return dd((x: any) => x.mul(dd((y: any) => x.add(y))(one)))(one);
});

behaves('vjp of two arguments and two outputs', [[[3, 8], 3], [[13, 14], [1, 2]]], () => {
  const [o, f] = func.vjp((x, y) => [x.mul(y), x.sum()], tensor([1, 2]), tensor([3, 4]));
  return [o, f([tensor([1, 1]), tensor(10)])];
});

behaves('cotangents that do not fit', ['error', 'error'], () => {
  const [, f] = func.vjp(x => x.mul(2), tensor([1, 2]));
  return [fails(() => f(tensor([1]))), fails(() => f([tensor([1, 1]), tensor([1, 1])]))];
});

behaves('vjp with auxiliary outputs', [[2, 4], [[2, 2]], [3, 6]], () => {
  const [o, f, a] = func.vjp(x => [x.mul(2), x.mul(3)], tensor([1, 2]), { hasAux: true });
  return [o, f((tensor([1, 1]) as never)), a];
});

behaves('jvp, with auxiliary outputs too', [[[3, 8], [3, 2]], [[2], [2], [3]]], () => [func.jvp((x, y) => x.mul(y), [tensor([1, 2]), tensor([3, 4])], [tensor([1, 0]), tensor([0, 1])]), func.jvp(x => [x.mul(2), x.mul(3)], [tensor([1])], [tensor([1])], { hasAux: true })]);

behaves('tangents that do not fit', ['error', 'error', 'error'], () => [() => func.jvp(x => x.mul(2), [tensor([1, 2])], [tensor([1])]), () => func.jvp(x => x.mul(2), (tensor([1]) as never), (tensor([1]) as never)), () => func.jvp((x, y) => x.mul(y), [tensor([1]), tensor([1])], ([tensor([1])] as never))].map(fails));

behaves('jacrev with argnums', [[[3, 0], [0, 4]], [[1, 0], [0, 2]], [[1, 0], [0, 2]]], () => {
  const f = (x: any, y: any) => x.mul(y), r = func.jacrev(f, [0, 1])(tensor([1, 2]), tensor([3, 4]));
  return [(r as any)[0], (r as any)[1], func.jacrev(f, 1)(tensor([1, 2]), tensor([3, 4]))];
});

behaves('jacrev with chunkSize', [[[2, 0], [0, 4]], [[2, 0], [0, 4]], 'error'], () => {
  const f = (x: any) => x.pow(2), x = tensor([1, 2]);
  return [func.jacrev(f, { chunkSize: 1 })(x), func.jacrev(f, { chunkSize: 100 })(x), fails(() => func.jacrev(f, { chunkSize: 0 })(x))];
});

behaves('jacrev with auxiliary outputs', [[[2, 0], [0, 4]], [5, 10]], () => func.jacrev(x => [x.pow(2), x.mul(5)], { hasAux: true })(tensor([1, 2])));

behaves('jacfwd with auxiliary outputs', [[[2, 0], [0, 4]], [5, 10]], () => func.jacfwd(x => [x.pow(2), x.mul(5)], { hasAux: true })(tensor([1, 2])));

behaves('jacfwd of a structured output', { 'a': [[2, 0], [0, 4]], 'b': [1, 1] }, () => func.jacfwd(x => ({ a: x.pow(2), b: x.sum() }))(tensor([1, 2])));

behaves('hessian with argnums', [[[6, 0], [0, 8]], [[[[6]], [[2]]], [[[2]], [[0]]]]], () => {
  const f = (x: any, y: any) => x.mul(x).mul(y).sum();
  return [func.hessian(f)(tensor([1, 2]), tensor([3, 4])), func.hessian(f, [0, 1])(tensor([1]), tensor([3]))];
});

behaves('vmap of hessian', [[[6, 0], [0, 12]], [[18, 0], [0, 24]]], () => func.vmap(func.hessian(x => x.pow(3).sum()))(tensor([[1, 2], [3, 4]])));

behaves('linearize', [[0, 0.84147], [1, 0], [0, 0.5403]], () => {
  const [o, f] = func.linearize(x => x.sin(), tensor([0, 1]));
  return [o, f(tensor([1, 0])), f(tensor([0, 1]))];
});

behaves('vmap with inDims and outDims', [[3, 14], [11, 12], [[2, 4], [6, 8]], [[3, 7], [[2, 4], [6, 8]]], [4, 6]], () => [func.vmap((a, b) => a.dot(b))(tensor([[1, 2], [3, 4]]), tensor([[1, 1], [2, 2]])), func.vmap((x, y) => x.add(y), [0, null])(tensor([1, 2]), tensor(10)), func.vmap(x => x.mul(2), 1, 1)(tensor([[1, 2], [3, 4]])), func.vmap(x => [x.sum(), x.mul(2)])(tensor([[1, 2], [3, 4]])), func.vmap(x => x.sum(), { inDims: 1 })(tensor([[1, 2], [3, 4]]))]);

behaves('what vmap refuses', ['error', 'error', 'error', 'error', 'error', 'error', 'error', 'error'], () => [() => func.vmap(x => x)(tensor(1)), () => func.vmap((x, y) => x.add(y))(tensor([1, 2]), tensor([1])), () => func.vmap(x => x, 2)(tensor([1])), () => (func.vmap(() => 3) as any)(tensor([1])), () => (func.vmap((x: any) => x, [0]) as any)(tensor([1]), tensor([1])), () => func.vmap(x => x.item())(tensor([1])), () => (func.vmap(() => rand([2])) as any)(tensor([1])), () => func.vmap(x => x, null)(tensor([1]))].map(fails));

behaves('vmap of vmap', [[3, 4, 5], [6, 8, 10]], () => func.vmap(func.vmap((x, y) => x.mul(y), [null, 0]), [0, null])(tensor([1, 2]), tensor([3, 4, 5])));

behaves('vmap of grad', [[6, 6], [32, 48]], () => func.vmap(func.grad((w, x) => w.mul(x).sum().pow(2)), [null, 0])(tensor([1, 2]), tensor([[1, 1], [2, 3]])));

behaves('grad of vmap', [2, 4], () => func.grad(x => func.vmap(y => y.pow(2))(x).sum())(tensor([1, 2])));

behaves('vmap over objects', { 's': [4, 6] }, () => func.vmap(d => ({ s: d.a.add(d.b) }))({ a: tensor([1, 2]), b: tensor([3, 4]) }));

behaves('vmap with chunkSize', [2, 4], () => func.vmap(x => x.mul(2), { chunkSize: 1 })(tensor([1, 2])));

behaves('functionalCall with tied weights', [[9], [6], 'error'], () => {
  const m = new Tied(), p = { 'a.weight': tensor([[3]]), 'b.weight': tensor([[2]]) };
  return [func.functionalCall(m, { 'a.weight': tensor([[3]]) }, tensor([1])), func.functionalCall(m, p, tensor([1]), { tieWeights: false }), fails(() => func.functionalCall(m, p, tensor([1])))];
});

behaves('functionalCall restores the module where forward throws', ['error', true], () => {
  const m = new nn.Linear(1, 1), w = m.weight;
  const e = fails(() => func.functionalCall(m, { weight: tensor([[3, 4]]) }, tensor([1, 2, 3])));
  return [e, m.weight === w];
});

behaves('stackModuleState', [[3, 1, 2], true, [3, 1], true], () => {
  const ms = [0, 1, 2].map(() => new nn.Linear(2, 1)), [p] = func.stackModuleState(ms);
  const o = func.vmap((p, x) => func.functionalCall((ms[0] as never), p, ([x] as never)), [0, null])(p, tensor([1, 1]));
  return [p.weight!.shape, p.weight!.requiresGrad, (o as any).shape, (o as any).index(1).sub(ms[1]!.call(tensor([1, 1]))).abs().max().item() < 1e-6];
});

behaves('dual numbers', [[[8], [12]], true, true], () => forwardAd.dualLevel(() => {
  const x = forwardAd.makeDual(tensor([2]), tensor([1])), u = forwardAd.unpackDual(x.pow(3));
  return [[u.primal, u.tangent], forwardAd.unpackDual(tensor([1])).tangent === null, true];
}));

behaves('what makeDual refuses', ['error', 'error', 'error', 'error'], () => [fails(() => forwardAd.makeDual(tensor([1]), tensor([1]))), ...forwardAd.dualLevel(() => [fails(() => forwardAd.makeDual(tensor([1]), tensor([1, 2]))), fails(() => forwardAd.makeDual(tensor([1n]), tensor([1n])))]), fails(() => forwardAd.exitDualLevel())]);
