// 8. Layers of your own: parameters, parts, state that is not learned, weights that two layers
// share, and a file to keep them in.
import { load, manualSeed, nn, optim, randn, save, scope, steps, viz, zeros, type Tensor } from 'adjoint';
import { numbers, show, type Result } from './show';

/** A layer without parameters. */
class Centered extends nn.Module {
  override forward(x: Tensor): Tensor {
    return x.sub(x.mean(-1, true));
  }
}

/** A layer with parameters: whatever is an `nn.Parameter` is found, trained and saved. */
class Affine extends nn.Module {
  weight: nn.Parameter;
  bias: nn.Parameter;

  constructor(inputs: number, outputs: number) {
    super();
    this.weight = new nn.Parameter(randn([outputs, inputs]).mul(0.1));
    this.bias = new nn.Parameter(zeros([outputs]));
  }

  override forward(x: Tensor): Tensor {
    return x.matmul(this.weight.t()).add(this.bias);
  }
}

/**
 * Squeezes six numbers into two and back. The way back uses the weights of the way there, turned.
 */
class Autoencoder extends nn.Module {
  center = new Centered();
  encoder = new Affine(6, 2);
  /** A buffer: saved with the module, but not learned. */
  declare calls: Tensor;

  constructor() {
    super();
    this.registerBuffer('calls', zeros([1]));
  }

  override forward(x: Tensor): Tensor {
    this.calls.add_(1);
    return this.encoder(this.center(x)).matmul(this.encoder.weight);
  }
}

export function run(count = 100) {
  manualSeed(8);
  // Six numbers that depend on two.
  const x = randn([64, 2]).matmul(randn([2, 6]));
  const target = new Centered()(x);
  const model = new Autoencoder();
  // Any function of a module can be applied to all of its parts, to initialise them for instance.
  model.apply((part) => {
    if (part instanceof Affine) nn.init.xavierNormal_(part.weight);
  });
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
  const loss: number[] = [];
  for (const _ of steps(count)) {
    const error = nn.functional.mseLoss(model(x), target);
    optimizer.zeroGrad();
    error.backward();
    optimizer.step();
    loss.push(error.item());
  }

  // What was learned, as the bytes of a PyTorch file and back into a new module.
  const copy = new Autoencoder();
  copy.loadStateDict(load(save(model.stateDict())) as nn.StateDict);
  const same = scope(() => model(x).sub(copy(x)).abs().max().item());
  return { loss, weight: numbers(model.encoder.weight), calls: numbers(copy.calls), difference: [same] } satisfies Result;
}

export const pictures = ({ loss }: ReturnType<typeof run>) => ({
  loss: viz.lineChart([{ label: 'loss', y: loss }], { title: 'An autoencoder of own layers', xLabel: 'step', yLabel: 'mean square' }),
});

show(import.meta.url, run, pictures);
