// Networks that train on a device beside themselves on the CPU: 20 steps, losses within 1e-4.
import { DeviceError, UsageError, bernoulli, capture, corrcoef, manualSeed, nn, ones, optim, rand, randint, randn, stack, tensor, zeros, type Tensor } from 'adjoint';

const F = nn.functional;

/** Where it runs: the host's WebGPU, if it is not that of `navigator`, and how much slower than it should be machines may be. */
interface Host {
  readonly gpu?: object | null;
  readonly slower?: number;
}

function assert(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}

class Sequences extends nn.Module {
  lstm = new nn.LSTM(8, 12, { batchFirst: true });
  out = new nn.Linear(12, 4);
  override forward(x: Tensor): Tensor {
    const [y] = this.lstm.call(x);
    return this.out.call(y.select(1, -1));
  }
}

class Texts extends nn.Module {
  words = new nn.Embedding(20, 16);
  layers = new nn.TransformerEncoder(new nn.TransformerEncoderLayer(16, 2, { dimFeedforward: 32, dropout: 0, batchFirst: true }), 2);
  out = new nn.Linear(16, 4);
  override forward(x: Tensor): Tensor {
    return this.out.call(this.layers.call(this.words.call(x)).mean(1));
  }
}

/** A network, its input and its classes. */
const networks: Record<string, [() => nn.Module, () => Tensor, () => Tensor]> = {
  MLP: [
    () => new nn.Sequential(new nn.Linear(13, 32), new nn.ReLU(), new nn.Linear(32, 17), new nn.Tanh(), new nn.Linear(17, 4)),
    () => randn([9, 13]), () => randint(0, 4, [9]),
  ],
  LeNet: [
    () => new nn.Sequential(
      new nn.Conv2d(1, 6, 5, { padding: 2 }), new nn.ReLU(), new nn.MaxPool2d(2), new nn.Conv2d(6, 16, 5), new nn.ReLU(), new nn.MaxPool2d(2),
      new nn.Flatten(), new nn.Linear(400, 120), new nn.ReLU(), new nn.Linear(120, 10),
    ),
    () => randn([4, 1, 28, 28]), () => randint(0, 10, [4]),
  ],
  LSTM: [() => new Sequences(), () => randn([5, 6, 8]), () => randint(0, 4, [5])],
  transformer: [() => new Texts(), () => randint(0, 20, [3, 7]), () => randint(0, 4, [3])],
};

const optimizers: Record<string, (parameters: Iterable<nn.Parameter>) => optim.Optimizer> = {
  SGD: (parameters) => new optim.SGD([...parameters], { lr: 0.05, momentum: 0.9 }),
  Adam: (parameters) => new optim.Adam([...parameters], { lr: 0.003 }),
};

type Step = (x: Tensor, y: Tensor) => Tensor;

/** A network with its step, the same at each call. */
function trainer(make: () => nn.Module, optimizer: (parameters: Iterable<nn.Parameter>) => optim.Optimizer): { model: nn.Module; step: Step } {
  manualSeed(1);
  const model = make();
  const stepper = optimizer(model.parameters());
  const step: Step = (x, y) => {
    stepper.zeroGrad();
    const loss = F.crossEntropy((model as unknown as { call(x: Tensor): Tensor }).call(x), y);
    loss.backward();
    stepper.step();
    return loss;
  };
  return { model, step };
}

const apart = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();

/** As `apart`, of a parameter, without elements whose derivative is 0 but for rounding, as that of the keys' bias: Adam divides it by itself. */
const trainedApart = (p: nn.Parameter, other: Tensor): number => p.detach().sub(other).abs().mul(p.grad!.abs().gt(1e-7)).max().item();

/** Trains a network on both; what there is to say of it. */
async function trained(network: string, name: string, { gpu = null, slower = 1 }: Host): Promise<string> {
  const [make, makeX, makeY] = networks[network]!;
  const optimizer = optimizers[name]!;
  manualSeed(0);
  const [x, y] = [makeX(), makeY()];
  const [here, there] = [trainer(make, optimizer), trainer(make, optimizer)];
  // What an optimizer remembers is there from its first step on; the capture is the second.
  for (const { step } of [here, there]) step(x, y);
  const program = capture(there.step, x, y);
  here.step(x, y);
  const started = performance.now();
  const onDevice = await program.to('webgpu', { gpu });
  const first = onDevice.run(x, y).item();
  let worst = Math.abs((await first) - here.step(x, y).item());
  const until = performance.now() - started;
  for (let i = 1; i < 20; i++) worst = Math.max(worst, Math.abs((await onDevice.run(x, y).item()) - here.step(x, y).item()));
  assert(worst <= 1e-4, `a loss is ${worst} off`);
  if (network === 'MLP') assert(until < 1000 * slower, `the first step took ${until} ms`);
  await onDevice.sync();
  const left = [...here.model.parameters()].map((p, i) => trainedApart(p, [...there.model.parameters()][i]!));
  assert(Math.max(...left) <= 1e-3, `a parameter is ${Math.max(...left)} off`);
  const { dispatches, buffers, bytes, pipelines } = onDevice.plan();
  onDevice.dispose();
  const ops = program.record.records.length;
  return `${worst.toExponential(1)} off; ${ops} calls in ${dispatches.length} dispatches of ${pipelines} kernels, ${buffers} buffers, ${bytes} bytes; first step after ${until.toFixed(0)} ms`;
}

async function outputs({ gpu = null }: Host): Promise<string> {
  const [make, makeX, makeY] = networks.MLP!;
  manualSeed(0);
  const [x, y] = [makeX(), makeY()];
  const [here, there] = [trainer(make, optimizers.SGD!), trainer(make, optimizers.SGD!)];
  for (const { step } of [here, there]) step(x, y);
  using onDevice = await capture(there.step, x, y).to('webgpu', { gpu });
  here.step(x, y);
  const stale = onDevice.run(x, y);
  here.step(x, y);
  const [loss] = onDevice.runMany(Array.from({ length: 5 }, () => [x, y]));
  for (let i = 0; i < 4; i++) here.step(x, y);
  assert(Math.abs((await loss!.item()) - here.step(x, y).item()) < 1e-4, 'five steps in one submission differ from five steps');
  const refused = await stale.item().then(() => null, (error: unknown) => error);
  assert(refused instanceof UsageError && refused.message.includes('a later run wrote this output'), `a stale output gave ${String(refused)}`);
  onDevice.set('lr', 0);
  const before = (await onDevice.state())['0.weight']!;
  onDevice.run(x, y);
  assert(apart(before, (await onDevice.state())['0.weight']!) === 0, 'a rate of 0 changes a parameter');
  let message = '';
  try {
    onDevice.run(x);
  } catch (error) {
    message = (error as Error).message;
  }
  assert(message.includes('expected 2 inputs, got 1'), `too few inputs gave ${message}`);
  return 'as stated';
}

/** Mean and standard deviation. */
const moments = (t: Tensor): [number, number] => [t.mean().item(), t.std().item()];

async function randomNumbers({ gpu = null }: Host): Promise<string> {
  const [n, p] = [40_000, 0.25];
  const weight = new nn.Parameter(ones([n]));
  const draw = (x: Tensor): Tensor[] => {
    weight.grad = null;
    const kept = F.dropout(weight.mul(x), p, true);
    kept.sum().backward();
    return [kept.detach(), weight.grad!.clone(), rand([n]), randn([n]), zeros([n]).uniform_(2, 4), zeros([n]).exponential_(2), bernoulli(x.mul(0.2)), randint(-3, 5, [n])];
  };
  const x = ones([n]);
  draw(x);
  using onDevice = await capture(draw, x).to('webgpu', { gpu });
  const read = async (): Promise<Tensor[]> => Promise.all(onDevice.runAll(x).map((t) => t.read()));
  const [first, second] = [await read(), await read()];
  first.forEach((t, i) => { assert(!t.equal(second[i]!), `output ${i} is the same in two runs`); });
  const [kept, gradient, uniform, normal, between, exponential, trials, integers] = second as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
  assert(kept.equal(gradient), 'the derivative drops others');
  assert(kept.unique().tolist().toString() === tensor([0, 1 / (1 - p)]).tolist().toString(), `dropout gives ${kept.unique().toString()}`);
  // Five standard errors of the mean, and of the deviation of about as many.
  const wanted: [string, Tensor, number, number][] = [
    ['dropout', kept, 1, Math.sqrt(p / (1 - p))], ['rand', uniform, 0.5, Math.sqrt(1 / 12)], ['randn', normal, 0, 1], ['uniform_', between, 3, Math.sqrt(1 / 3)],
    ['exponential_', exponential, 0.5, 0.5], ['bernoulli', trials, 0.2, 0.4], ['randint', integers.to('float32'), 0.5, Math.sqrt(63 / 12)],
  ];
  for (const [what, t, mean, deviation] of wanted) {
    const [m, d] = moments(t);
    const far = 5 / Math.sqrt(n);
    assert(Math.abs(m - mean) < far * deviation && Math.abs(d / deviation - 1) < 2 * far, `${what} has mean ${m} and deviation ${d}, not ${mean} and ${deviation}`);
  }
  for (const [a, b] of [[uniform, between], [uniform, kept], [normal, exponential], [uniform, first[2]!], [normal.index({ stop: n - 1 }), normal.index({ start: 1 })]] as const) {
    const r = corrcoef(stack([a, b])).index(0, 1).item();
    assert(Math.abs(r) < 5 / Math.sqrt(n), `two draws are correlated: ${r}`);
  }
  assert(uniform.min().item() >= 0 && uniform.max().item() < 1, 'rand leaves [0, 1)');
  assert(integers.unique().tolist().toString() === [-3, -2, -1, 0, 1, 2, 3, 4].toString(), 'randint gives other integers');
  return `dropout keeps ${kept.gt(0).to('float32').mean().item().toFixed(3)}`;
}

/** Products in half precision: within their rounding of the CPU's, and no better, or an error that says that there are none. */
async function halfPrecision({ gpu = null }: Host): Promise<string> {
  const [x, w] = [randn([64, 300]), randn([300, 48])];
  const program = capture((t: Tensor) => t.matmul(w), x);
  let made: Awaited<ReturnType<typeof program.to>>;
  try {
    made = await program.to('webgpu', { gpu, float16: true });
  } catch (error) {
    assert(error instanceof DeviceError && error.message.includes('the adapter has no float16 (shader-f16)'), String(error));
    return 'refused, since the adapter has none';
  }
  const off = apart(await made.run(x).read(), x.matmul(w));
  const rounded = apart(x.to('float16').to('float32').matmul(w.to('float16').to('float32')), x.matmul(w));
  made.dispose();
  assert(off > 1e-5 && Math.abs(off - rounded) < 1e-4, `${off} off, where rounding of the factors is ${rounded}`);
  return `${off.toExponential(1)} off, as by rounding the factors`;
}

/** Each kernel is timed, in order. */
async function profiled({ gpu = null }: Host): Promise<string> {
  const [make, makeX, makeY] = networks.MLP!;
  const [x, y] = [makeX(), makeY()];
  const { step } = trainer(make, optimizers.SGD!);
  step(x, y);
  using onDevice = await capture(step, x, y).to('webgpu', { gpu });
  const { dispatches } = onDevice.plan();
  const times = await onDevice.profile(x, y).catch((error: unknown) => {
    assert(error instanceof UsageError && error.message.includes('this device has no timestamps'), String(error));
    return null;
  });
  if (times === null) return 'refused, since the device has no timestamps';
  assert(times.map(({ label }) => label).join() === dispatches.map(({ label }) => label).join(), 'other kernels were timed');
  assert(times.every(({ milliseconds }) => milliseconds >= 0 && milliseconds < 10_000), `a kernel takes ${Math.max(...times.map(({ milliseconds }) => milliseconds))} ms`);
  return `${times.length} kernels`;
}

async function manySteps({ gpu = null }: Host): Promise<string> {
  const weight = new nn.Parameter(randn([4, 4]));
  const stepper = new optim.SGD([weight], { lr: 0.001 });
  const step = (x: Tensor): Tensor => {
    stepper.zeroGrad();
    const loss = x.matmul(weight).square().mean();
    loss.backward();
    stepper.step();
    return loss;
  };
  const x = randn([2, 4]);
  step(x);
  using onDevice = await capture(step, x).to('webgpu', { gpu });
  const batch = Array.from({ length: 100 }, () => [x]);
  let loss = NaN;
  const before = onDevice.plan().bytes;
  for (let i = 0; i < 100; i++) loss = await onDevice.runMany(batch)[0]!.item();
  assert(onDevice.plan().bytes === before && Number.isFinite(loss), 'buffers grew');
  return `loss ${loss}`;
}

/** Does the checks whose titles have one of `words`; a line for each, of which those of faults begin with `failed`. */
export async function training(host: Host, words: readonly string[], say: (line: string) => void): Promise<void> {
  const checks: [string, () => Promise<string>][] = Object.keys(networks).flatMap((network) =>
    Object.keys(optimizers).map((name): [string, () => Promise<string>] => [`${network} with ${name}`, () => trained(network, name, host)]));
  checks.push(['random numbers', () => randomNumbers(host)], ['half precision', () => halfPrecision(host)], ['profile', () => profiled(host)], ['outputs, rates and many steps at a time', () => outputs(host)], ['ten thousand steps without growth', () => manySteps(host)]);
  for (const [title, work] of checks) {
    if (words.length > 0 && !words.some((word) => title.includes(word))) continue;
    try {
      say(`passed: ${title}: ${await work()}`);
    } catch (error) {
      say(`failed: ${title}: ${(error as Error).stack ?? String(error)}`);
    }
  }
}
