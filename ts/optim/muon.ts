// Muon.
import { UsageError } from '../core/errors';
import { boolean, integerFrom, kind, numberFrom, word } from '../core/kinds';
import { checkArgument, parameters, type Arguments } from '../core/options';
import { addmm, zerosLike } from '../generated/functions';
import { declareKeys } from '../tensor/state-keys';
import type { Tensor } from '../tensor/tensor';
import { Optimizer, paramsKind, rateKind, type ParamGroup, type ParamState, type Params, type WithRate } from './optimizer';

/** Options of `Muon`. */
export interface MuonOptions {
  /** The learning rate; 0.001 by default. */
  lr: number;
  /** How strongly parameters are drawn to 0, directly; 0.1 by default. */
  weightDecay: number;
  /** The decay of the average of gradients; 0.95 by default. */
  momentum: number;
  /** Whether the gradient is taken at the place the average leads to; true by default. */
  nesterov: boolean;
  /** The coefficients of the polynomial that makes updates orthogonal; [3.4445, −4.775, 2.0315] by default. */
  nsCoefficients: readonly [number, number, number];
  /** The least norm that an update is divided by; 1e-7 by default. */
  eps: number;
  /** How often the polynomial is applied, fewer than 100 times; 5 by default. */
  nsSteps: number;
  /** How the rate depends on the shape of a parameter, `'original'` by default, which null means too. */
  adjustLrFn: 'original' | 'match_rms_adamw' | 'spectral_unclamped' | null;
}

/** The arguments of `Muon`. */
export type MuonArguments = { params: Params<WithRate<MuonOptions>> } & WithRate<MuonOptions>;

const three = /* @__PURE__ */ kind<readonly [number, number, number]>(
  'a list of three numbers',
  (value) => Array.isArray(value) && value.length === 3 && value.every((v) => typeof v === 'number'),
);

const MUON = /* @__PURE__ */ parameters<MuonArguments>('Muon', () => ({
  params: paramsKind,
  lr: rateKind().or(1e-3),
  weightDecay: numberFrom(0).or(0.1),
  momentum: numberFrom(0).or(0.95),
  nesterov: boolean.or(true),
  nsCoefficients: three.or([3.4445, -4.775, 2.0315]),
  eps: numberFrom(0).or(1e-7),
  nsSteps: integerFrom(0).or(5),
  adjustLrFn: word('original', 'match_rms_adamw', 'spectral_unclamped').orNull(),
}));

type Positional = ['params', 'lr', 'weightDecay', 'momentum', 'nesterov', 'nsCoefficients', 'eps', 'nsSteps', 'adjustLrFn'];

/** A matrix with the singular vectors of `g` and singular values near 1, by the iteration of Newton and Schulz in bfloat16. */
function orthogonal(g: Tensor, [a, b, c]: readonly [number, number, number], steps: number, eps: number): Tensor {
  const isTall = g.shape[0]! > g.shape[1]!;
  let x = g.to('bfloat16');
  if (isTall) x = x.t();
  x = x.div(x.norm().clamp({ min: eps }));
  for (let i = 0; i < steps; i++) {
    const gram = x.matmul(x.t());
    x = addmm(x, addmm(gram, gram, gram, { beta: b, alpha: c }), x, { beta: a });
  }
  return isTall ? x.t() : x;
}

/**
 * Muon: the average of the gradients of a matrix, made orthogonal, is the step. For the matrices inside of a network; biases, embeddings
 * and the last layer are for another optimizer.
 *
 * Source: Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024; PyTorch, `torch.optim.Muon`.
 */
export class Muon extends Optimizer<MuonOptions> {
  /** @internal */
  static readonly _parameters = MUON;

  static {
    declareKeys(this, ['momentumBuffer', 'nsCoefficients', 'nsSteps', 'adjustLrFn']);
  }

  constructor(...args: Arguments<MuonArguments, Positional>) {
    const { params, lr, ...rest } = MUON.read(args);
    // A tensor is read by the groups, for which it is a number.
    super(params as Params<MuonOptions>, { lr: lr as number, ...rest });
  }

  protected override checkOptions(options: MuonOptions): void {
    checkArgument('Muon', 'lr', options.lr, numberFrom(0));
    checkArgument('Muon', 'nsCoefficients', options.nsCoefficients, three);
    if (options.nsSteps >= 100) throw new UsageError(`Muon: nsSteps must be fewer than 100, got ${options.nsSteps}`, 'Muon', { nsSteps: options.nsSteps });
    for (const p of (options as ParamGroup<MuonOptions>).params) {
      if (p.dim() !== 2) throw new UsageError(`Muon: parameters must be matrices, got one of shape [${p.shape.join(', ')}]; optimize it with AdamW`, 'Muon');
    }
  }

  protected override updateGroup(group: ParamGroup<MuonOptions>): void {
    // Some values of other kinds would pass for numbers in what follows.
    this._checkGroup(group);
    super.updateGroup(group);
  }

  protected override updateParam(p: Tensor, g: Tensor, state: ParamState, options: MuonOptions): void {
    const { lr, weightDecay, momentum, nesterov, nsCoefficients, eps, nsSteps, adjustLrFn } = options;
    const average = this.remembered(state, 'momentumBuffer', () => zerosLike(p)).lerp_(g, 1 - momentum);
    const update = orthogonal(nesterov ? g.lerp(average, momentum) : average, nsCoefficients, nsSteps, eps);
    const [rows, columns] = p.shape as [number, number];
    const ratio = {
      original: Math.sqrt(Math.max(1, rows / columns)),
      match_rms_adamw: 0.2 * Math.sqrt(Math.max(rows, columns)),
      spectral_unclamped: Math.sqrt(rows / columns),
    }[adjustLrFn ?? 'original'];
    p.mul_(1 - lr * weightDecay);
    p.add_(update, { alpha: -lr * ratio });
  }
}
