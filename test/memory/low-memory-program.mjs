// Calls an op again and again with less and less memory left, and prints how it went: test/memory/low-memory.test.ts runs it in a process
// of its own, with little memory (`--wasm-max-mem-pages`). The argument is the op.
import * as adjoint from 'adjoint';

const { OutOfMemoryError, Scope, arange, linspace, logspace, manualSeed, median, multinomial, nn, norm, ones, prod, rand, randint, randn, randperm, scope, sum, tensor } = adjoint;
const F = nn.functional;

manualSeed(0);
const N = 2 ** 16;
const x = rand([N], { requiresGrad: true });
const wide = rand([4, N / 4], { requiresGrad: true });
const columns = rand([N / 4, 4]);
const integers = ones([N], { dtype: 'int32' });
const image = randn([1, 4, 64, 64], { requiresGrad: true });
const filters = randn([8, 4, 5, 5], { requiresGrad: true });
const q = randn([1, 2, 256, 8], { requiresGrad: true });
const units = new Array(300).fill(ones([1]));
const deep = ones([64, ...new Array(2000).fill(1)]);
const leaves = Array.from({ length: 3000 }, () => ones([1], { requiresGrad: true }));
const sizes = new Array(3000).fill(1);
const ofInts = (shape) => ones(shape, { dtype: 'int64' });
const backward = (y) => {
  y.sum().backward();
  for (const t of [x, wide, image, filters, q]) t.grad = null;
};

const calls = {
  sort: () => x.sort(),
  topk: () => x.topk(100),
  median: () => median(x),
  medianOfRows: () => wide.median(1),
  argmax: () => columns.argmax(1),
  argmin: () => integers.argmin(),
  logsumexp: () => columns.logsumexp(1),
  sum: () => sum(integers.view([N / 4, 4]), 1),
  prod: () => prod(integers.view([N / 4, 4]), 1),
  norm: () => norm(columns, { p: 0, dim: 1 }),
  normOfPowers: () => norm(columns, { p: 3, dim: 1 }),
  cumsum: () => integers.cumsum(0),
  linear: () => F.linear(ofInts([128, 8]), ofInts([256, 8]), ofInts([256])),
  multinomial: () => multinomial(x.detach(), 1000),
  unbind: () => x.narrow(0, 0, 4096).unbind(),
  split: () => x.split(16),
  // Many results of many dims.
  meshgrid: () => adjoint.meshgrid(...units),
  broadcastTensors: () => adjoint.broadcastTensors(deep, ...units.slice(0, 64)),
  // Many arguments, and lists of them.
  blockDiag: () => adjoint.blockDiag(...units),
  cartesianProd: () => adjoint.cartesianProd(...units.slice(0, 64)),
  zerosOfMany: () => adjoint.zeros(...sizes),
  reshapeToMany: () => ones([1]).reshape(...sizes),
  permuteMany: () => deep.permute(...deep.shape.keys()),
  catMany: () => adjoint.cat(leaves),
  stackMany: () => adjoint.stack(leaves),
  // Graphs with many nodes, and lists of inputs.
  wideBackward: () => adjoint.cat(leaves.map((leaf) => leaf.mul(2))).sum().backward(),
  gradOfMany: () => adjoint.autograd.grad(adjoint.cat(leaves.map((leaf) => leaf.mul(2))).sum(), leaves),
  unbindDeep: () => deep.unbind(),
  splitDeep: () => deep.split(1),
  tensorSplitDeep: () => adjoint.tensorSplit(deep, 64),
  einsum: () => adjoint.einsum(`${' '.repeat(2 ** 16)}i->i`, wide.view([N])),
  gamma: () => backward(new adjoint.distributions.Gamma(x.add(1), 1).rsample()),
  dirichlet: () => backward(new adjoint.distributions.Dirichlet(wide.add(1)).rsample()),
  numbers: () => [x.detach().maskedFill(wide.detach().view([N]).gt(0.5), 0), adjoint.where(wide.view([N]).gt(0.5), 1, 2), adjoint.pow(2, x)],
  randperm: () => randperm(N),
  randint: () => randint(0, 10, [N]),
  arange: () => arange(N),
  linspace: () => linspace(0, 1, N),
  logspace: () => logspace(0, 1, N),
  attention: () => backward(F.scaledDotProductAttention(q, q, q)),
  layerNorm: () => backward(F.layerNorm(wide, [N / 4], ones([N / 4], { requiresGrad: true }), ones([N / 4], { requiresGrad: true }))),
  conv: () => backward(F.conv2d(image, filters, { padding: 2 })),
  pool: () => backward(F.avgPool2d(image, 3)),
  matmul: () => columns.t().matmul(columns),
  index: () => x.index(tensor([0n, 1n])),
  embedding: () => F.embedding(integers.to('int64').mul(0), columns),
};

const op = calls[process.argv[2]];
const call = () => { op(); };
scope(call);

/** Takes all the memory there is, in pieces, and returns the scopes that hold it. */
function fill(bytes) {
  const pieces = [];
  for (;;) {
    const piece = new Scope();
    try {
      ones([bytes], { dtype: 'uint8' });
    } catch (error) {
      piece.dispose();
      if (!(error instanceof OutOfMemoryError)) throw error;
      return pieces;
    } finally {
      piece.leave();
    }
    pieces.push(piece);
  }
}

const counts = { worked: 0, outOfMemory: 0 };
const others = new Set();
const pieces = [...fill(2 ** 20), ...fill(2 ** 16), ...fill(2 ** 12)];
for (let freed = 0; freed < 64 && pieces.length > 0; freed++) {
  try {
    scope(call);
    counts.worked += 1;
  } catch (error) {
    if (error instanceof OutOfMemoryError) counts.outOfMemory += 1;
    else others.add(String(error));
  }
  for (let i = 0; i < (freed < 32 ? 4 : 1); i++) pieces.pop()?.dispose();
}
for (const piece of pieces) piece.dispose();
scope(call);
console.log(JSON.stringify({ others: [...others], isAlive: ones(3).sum().item() === 3, ...counts }));
