// The program every project runs: ten steps of gradient descent on a 2-16-1 tanh network that learns x₀·x₁.
// It is handed the package, since each project comes by it through a door of its own.

/** Trains and returns what the checks look at, as plain values. */
export function train({ Tensor, manualSeed, nn, optim, tensor }) {
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
