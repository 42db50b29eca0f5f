// The limited-memory method of Broyden, Fletcher, Goldfarb and Shanno.
import { refuseInCapture } from '../core/capturing';
import { enableGrad, noGrad } from '../autograd/autograd';
import { UsageError } from '../core/errors';
import { boolean, integerFrom, numberFrom, word } from '../core/kinds';
import { checkArgument, parameters, type Arguments } from '../core/options';
import { cat, zeros } from '../generated/functions';
import { keep, scope } from '../runtime/scope';
import { declareKeys } from '../tensor/state-keys';
import { Tensor } from '../tensor/tensor';
import { strongWolfe, type Place } from './line-search';
import { Optimizer, paramsKind, rateKind, type Params, type WithRate } from './optimizer';

/** Options of `LBFGS`. */
export interface LBFGSOptions {
  /** The learning rate; 1 by default. */
  lr: number;
  /** The most iterations a step; 20 by default. */
  maxIter: number;
  /** The most evaluations of the loss a step; a quarter more than iterations by default. */
  maxEval: number | null;
  /** A step ends where no element of the gradient is greater; 1e-7 by default. */
  toleranceGrad: number;
  /** A step ends where loss and parameters change by less; 1e-9 by default. */
  toleranceChange: number;
  /** How many changes are remembered; 100 by default. */
  historySize: number;
  /** `'strong_wolfe'` for a line search, null by default. */
  lineSearchFn: 'strong_wolfe' | null;
  /** Whether the objective grows; false by default. */
  maximize: boolean;
}

/** The arguments of `LBFGS`. */
export type LBFGSArguments = { params: Params<WithRate<LBFGSOptions>> } & WithRate<LBFGSOptions>;

type Positional = ['params', 'lr', 'maxIter', 'maxEval', 'toleranceGrad', 'toleranceChange', 'historySize', 'lineSearchFn'];

const LBFGS_PARAMETERS = /* @__PURE__ */ parameters<LBFGSArguments>(
  'LBFGS',
  () => ({
    params: paramsKind,
    lr: rateKind().or(1),
    maxIter: integerFrom(0).or(20),
    maxEval: integerFrom(0).orNull(),
    toleranceGrad: numberFrom(0).or(1e-7),
    toleranceChange: numberFrom(0).or(1e-9),
    historySize: integerFrom(1).or(100),
    lineSearchFn: word('strong_wolfe').orNull(),
    maximize: boolean.or(false),
  }),
  1,
);

/** A tensor that lives until it is disposed of. */
const own = (f: () => Tensor): Tensor => keep(scope(() => noGrad(f)));

const numberOf = (f: () => Tensor): number => scope(() => noGrad(() => Number(f().item())));

const greatest = (x: Tensor): number => numberOf(() => x.abs().max());

const dot = (a: Tensor, b: Tensor): number => numberOf(() => a.dot(b));

/** What is remembered between steps. */
interface Memory {
  d: Tensor;
  t: number;
  dirs: Tensor[];
  stps: Tensor[];
  ro: number[];
  scale: number;
  gradient: Tensor;
  loss: number;
}

/**
 * L-BFGS: steps along −H g, where H approximates the inverse of the Hessian from the last changes of parameters and gradients. `step`
 * needs a closure, which it calls several times. There is one group of parameters.
 *
 * Source: Liu and Nocedal, "On the limited memory BFGS method for large scale optimization", 1989; PyTorch, `torch.optim.LBFGS`.
 */
export class LBFGS extends Optimizer<LBFGSOptions> {
  /** @internal */
  static readonly _parameters = LBFGS_PARAMETERS;

  static {
    declareKeys(this, [
      'funcEvals', 'nIter', 'oldDirs', 'oldStps', 'prevFlatGrad', 'prevLoss',
      'maxIter', 'maxEval', 'toleranceGrad', 'toleranceChange', 'historySize', 'lineSearchFn',
    ]);
  }

  constructor(...args: Arguments<LBFGSArguments, Positional>) {
    const { params, lr, maxEval, ...rest } = LBFGS_PARAMETERS.read(args);
    // A tensor is read by the group, for which it is a number.
    super(params as Params<LBFGSOptions>, { lr: lr as number, ...rest, maxEval: maxEval ?? Math.floor((rest.maxIter * 5) / 4) });
    if (this.paramGroups.length !== 1) throw new UsageError('LBFGS: there can be only one group of parameters', 'LBFGS');
  }

  protected override checkOptions({ lr }: LBFGSOptions): void {
    checkArgument('LBFGS', 'lr', lr, numberFrom(0));
  }

  protected override get numbersOfState(): readonly string[] {
    return ['funcEvals', 'nIter', 't', 'ro', 'H_diag', 'prevLoss', 'al'];
  }

  /** All gradients as one vector, 0 where there is none. */
  #gradient(): Tensor {
    const { params, maximize } = this.paramGroups[0]!;
    return own(() => {
      const g = cat(params.map((p) => p.grad?.reshape([-1]) ?? zeros([p.numel()], { dtype: p.dtype })));
      return maximize ? g.neg() : g;
    });
  }

  /** Moves the parameters by `t` along `d`. */
  #move(d: Tensor, t: number): void {
    scope(() => {
      noGrad(() => {
        let start = 0;
        for (const p of this.paramGroups[0]!.params) {
          p.add_(d.narrow(0, start, p.numel()).reshape(p.shape), { alpha: t });
          start += p.numel();
        }
      });
    });
  }

  /** −H g by the two loops over what is remembered. */
  #direction({ dirs, stps, ro, scale }: Memory, g: Tensor): Tensor {
    return own(() => {
      const q = g.neg();
      const al: number[] = [];
      for (let i = dirs.length - 1; i >= 0; i--) {
        al[i] = dot(stps[i]!, q) * ro[i]!;
        q.add_(dirs[i]!, { alpha: -al[i]! });
      }
      const r = q.mul(scale);
      dirs.forEach((y, i) => void r.add_(stps[i]!, { alpha: al[i]! - dot(y, r) * ro[i]! }));
      return r;
    });
  }

  protected override stepWith(closure: (() => unknown) | null): unknown {
    refuseInCapture('step', 'update');
    if (closure === null) throw new UsageError('LBFGS: step needs a closure that computes the loss and its gradients; it is called several times', 'LBFGS');
    const group = this.paramGroups[0]!;
    const { params, lr, maxIter, toleranceGrad, toleranceChange, historySize, lineSearchFn, maximize } = group;
    const maxEval = group.maxEval!;
    const valueOf = (loss: unknown): number => (maximize ? -1 : 1) * Number(loss instanceof Tensor ? loss.item() : loss);
    const state = this.stateOf(params[0]!);
    const count = (name: string, by: number): number => (state[name] = ((state[name] as number | undefined) ?? 0) + by);
    count('nIter', 0);
    const first = enableGrad(closure);
    let loss = valueOf(first);
    let evaluations = 1;
    count('funcEvals', 1);
    let g = this.#gradient();
    if (greatest(g) <= toleranceGrad) {
      g.dispose();
      return first;
    }
    const memory = state as unknown as { d?: Tensor; t?: number; oldDirs?: Tensor[]; oldStps?: Tensor[]; ro?: number[]; H_diag?: number; prevFlatGrad?: Tensor; prevLoss?: number };
    const m: Memory = {
      d: memory.d!, t: memory.t!, dirs: [...(memory.oldDirs ?? [])], stps: [...(memory.oldStps ?? [])], ro: [...(memory.ro ?? [])],
      scale: memory.H_diag ?? 1, gradient: memory.prevFlatGrad!, loss: memory.prevLoss!,
    };
    for (let n = 1; n <= maxIter; n++) {
      const isFirst = count('nIter', 1) === 1;
      if (isFirst) m.d = own(() => g.neg());
      else {
        const [y, s] = [own(() => g.sub(m.gradient)), own(() => m.d.mul(m.t))];
        const ys = dot(y, s);
        if (ys > 1e-10) {
          if (m.dirs.length === historySize) {
            m.dirs.shift()!.dispose();
            m.stps.shift()!.dispose();
            m.ro.shift();
          }
          m.dirs.push(y);
          m.stps.push(s);
          m.ro.push(1 / ys);
          m.scale = ys / dot(y, y);
        } else {
          y.dispose();
          s.dispose();
        }
        m.d.dispose();
        m.d = this.#direction(m, g);
      }
      (m.gradient as Tensor | undefined)?.dispose();
      m.gradient = own(() => g.clone());
      m.loss = loss;
      m.t = isFirst ? Math.min(1, 1 / numberOf(() => g.abs().sum())) * lr : lr;
      const slope = dot(g, m.d);
      if (slope > -toleranceChange) break;
      let asked = 0;
      if (lineSearchFn !== null) {
        const found = this.#search(closure, valueOf, m, { t: 0, f: loss, slope, gradient: g }, maxEval - evaluations);
        ({ f: loss, gradient: g, t: m.t } = found.place);
        asked = found.evaluations;
        this.#move(m.d, m.t);
      } else {
        this.#move(m.d, m.t);
        if (n !== maxIter) {
          loss = valueOf(enableGrad(closure));
          g.dispose();
          g = this.#gradient();
          asked = 1;
        }
      }
      evaluations += asked;
      count('funcEvals', asked);
      if (evaluations >= maxEval || greatest(g) <= toleranceGrad) break;
      if (greatest(m.d) * m.t <= toleranceChange || Math.abs(loss - m.loss) < toleranceChange) break;
    }
    g.dispose();
    Object.assign(state, { d: m.d, t: m.t, oldDirs: m.dirs, oldStps: m.stps, ro: m.ro, H_diag: m.scale, prevFlatGrad: m.gradient, prevLoss: m.loss });
    return first;
  }

  /** The place that a line search along the direction finds. The parameters are where they were, and other gradients are gone. */
  #search(closure: () => unknown, valueOf: (loss: unknown) => number, m: Memory, start: Place<Tensor>, most: number): ReturnType<typeof strongWolfe<Tensor>> {
    const { params, toleranceChange } = this.paramGroups[0]!;
    const before = params.map((p) => own(() => p.clone()));
    const seen = [start.gradient];
    const at = (t: number): Place<Tensor> => {
      this.#move(m.d, t);
      const f = valueOf(enableGrad(closure));
      const gradient = this.#gradient();
      seen.push(gradient);
      noGrad(() => { params.forEach((p, i) => p.copy_(before[i]!)); });
      return { t, f, slope: dot(gradient, m.d), gradient };
    };
    const found = strongWolfe(at, m.t, start, greatest(m.d), toleranceChange, most);
    for (const g of seen) if (g !== found.place.gradient) g.dispose();
    for (const p of before) p.dispose();
    return found;
  }
}
