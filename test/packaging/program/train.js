// The program every project runs: ten steps of gradient descent on a 2-16-1 tanh network that learns x₀·x₁.
// It is handed the package, since each project comes by it through a door of its own.

/** FNV-1a (Fowler, Noll, Vo) over the bytes of a tensor. */
function hash(tensor) {
  const values = tensor.toTypedArray();
  let h = 0x811c9dc5;
  for (const byte of new Uint8Array(values.buffer, values.byteOffset, values.byteLength)) h = Math.imul(h ^ byte, 0x01000193);
  return h >>> 0;
}

/** A hash of the bits of many operations, for engines to be held against each other; no operation gives NaN, whose bits are an engine's own. */
function fingerprints({ manualSeed, rand, randn }) {
  const unary = ['abs', 'acos', 'asin', 'asinh', 'atan', 'ceil', 'cos', 'cosh', 'erf', 'erfc', 'exp', 'expm1', 'floor', 'log', 'log1p', 'lgamma', 'neg'];
  unary.push('reciprocal', 'round', 'rsqrt', 'sigmoid', 'sign', 'sin', 'sinh', 'sqrt', 'square', 'tan', 'tanh');
  const reductions = ['amax', 'amin', 'argmax', 'cumsum', 'logsumexp', 'mean', 'prod', 'std', 'sum', 'var'];
  const found = {};
  for (const dtype of ['float32', 'float64']) {
    const note = (name, result) => (found[`${dtype} ${name}`] = hash(result));
    manualSeed(7);
    const [x, y] = [rand([61, 37], { dtype }), randn([61, 37], { dtype })];
    note('rand', x);
    note('randn', y);
    for (const name of unary) note(name, x[name]());
    for (const name of ['add', 'sub', 'mul', 'div', 'maximum', 'atan2', 'lt']) note(name, y[name](x));
    note('pow', x.pow(y));
    note('add a row', y.add(x.select(0, 3)));
    for (const name of reductions) for (const dim of [0, 1]) note(`${name} ${dim}`, x[name](dim));
    for (const dim of [0, 1]) note(`softmax ${dim}`, y.softmax(dim)), note(`logSoftmax ${dim}`, y.logSoftmax(dim));
    note('sum', y.sum());
    note('a transpose', y.t().contiguous());
    for (const [m, n, k] of [[1, 300, 70], [2, 90, 70], [3, 40, 50], [64, 10, 128], [64, 64, 64], [130, 70, 300]]) {
      const [a, b] = [randn([m, k], { dtype }), randn([k, n], { dtype })];
      note(`${m}×${k}×${n}`, a.matmul(b));
      note(`${m}×${k}×${n}, transposed`, b.t().matmul(a.t()));
      note(`${m}×${k}×${n}, columns`, a.matmul(b.t().contiguous().t()));
    }
    const w = randn([37, 20], { dtype, requiresGrad: true });
    y.matmul(w).tanh().mul(x.matmul(w).sigmoid()).logSoftmax(1).square().sum().backward();
    note('a gradient', w.grad);
  }
  return found;
}

/** Trains and returns what the checks look at, as plain values. The primary module is enough for it. */
export function train(adjoint) {
  const { Tensor, manualSeed, nn, optim, tensor } = adjoint;
  manualSeed(0);
  const x = tensor([[-1, -1], [-1, 1], [1, -1], [1, 1]]);
  const y = tensor([[1], [-1], [-1], [1]]);
  const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1));
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.25 });
  const initial = [...model.parameters()].map((p) => p.tolist());

  const losses = [];
  for (let step = 0; step < 10; step++) {
    optimizer.zeroGrad();
    const loss = nn.functional.mseLoss(model.call(x), y);
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
  }

  const out = model.call(x);
  let refusal;
  try {
    x.matmul(y);
  } catch (error) {
    refusal = { name: error.name, code: error.code, message: error.message, isError: error instanceof Error };
  }
  return {
    initial,
    losses,
    predictions: out.tolist(),
    shape: out.shape,
    dtype: String(out.dtype),
    isTensor: out instanceof Tensor,
    printed: String(tensor([[1, 2]])),
    refusal,
  };
}

/** The training run and the fingerprints. */
export function everything(adjoint) {
  return { ...train(adjoint), fingerprints: fingerprints(adjoint) };
}
