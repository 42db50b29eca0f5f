// Schedules that rise and fall, some of which move the momentum the other way.
import { refuseInCapture } from '../core/capturing';
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { boolean, callable, integer, integerFrom, number, numbers, word } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { LRScheduler, lastEpochKind, ofGroups, optimizerKind, type AnyOptimizer, type OfGroups, type ScheduleArguments, type Scheduled } from './scheduler';

/** The bounds of momentum as groups remember them. */
interface CycledGroup {
  betas?: readonly [number, number];
  momentum?: number;
  maxLr?: number;
  minLr?: number;
  maxMomentum?: number;
  baseMomentum?: number;
}

const groupsOf = (optimizer: AnyOptimizer): (Scheduled['paramGroups'][number] & CycledGroup)[] => (optimizer as Scheduled).paramGroups;

/** Sets what the optimizer calls momentum: its own, or the first beta. */
function setMomentum(group: CycledGroup, value: number): void {
  if (group.betas !== undefined) group.betas = [value, ...group.betas.slice(1)] as [number, number];
  else group.momentum = value;
}

/** Writes the bounds of momentum into the groups of an optimizer that has one. */
function cycleMomentum(where: string, optimizer: AnyOptimizer, base: OfGroups, max: OfGroups, isStart: boolean): void {
  const defaults = optimizer.defaults as Record<string, unknown>;
  if (!('momentum' in defaults) && !('betas' in defaults)) {
    throw new UsageError(`${where}: the optimizer has neither momentum nor betas, which cycleMomentum needs; set it to false`, where);
  }
  const [bases, maxima] = [ofGroups(where, 'baseMomentum', optimizer, base), ofGroups(where, 'maxMomentum', optimizer, max)];
  if (!isStart) return;
  groupsOf(optimizer).forEach((group, i) => {
    setMomentum(group, maxima[i]!);
    group.maxMomentum = maxima[i]!;
    group.baseMomentum = bases[i]!;
  });
}

/** From `start` to `end`, `part` of the way. */
type Anneal = (start: number, end: number, part: number) => number;

const ANNEAL: Readonly<Record<'cos' | 'linear', Anneal>> = {
  cos: (start, end, part) => end + ((start - end) / 2) * (Math.cos(Math.PI * part) + 1),
  linear: (start, end, part) => (end - start) * part + start,
};

/** The arguments of `OneCycleLR`. */
export interface OneCycleLRArguments extends ScheduleArguments {
  /** The greatest rate, one for all groups or one each. */
  maxLr: OfGroups;
  /** How many steps there are; else `epochs` and `stepsPerEpoch` must be given. */
  totalSteps?: number | null;
  epochs?: number | null;
  stepsPerEpoch?: number | null;
  /** The part of the steps in which the rate rises; 0.3 by default. */
  pctStart?: number;
  /** `'cos'` by default. */
  annealStrategy?: 'cos' | 'linear';
  /** Whether momentum falls while the rate rises; true by default. */
  cycleMomentum?: boolean;
  /** The least momentum; 0.85 by default. */
  baseMomentum?: OfGroups;
  /** The greatest; 0.95 by default. */
  maxMomentum?: OfGroups;
  /** The first rate is maxLr / divFactor; 25 by default. */
  divFactor?: number;
  /** The last rate is the first one / finalDivFactor; 10⁴ by default. */
  finalDivFactor?: number;
  /** Whether the rate falls to the first one before it falls to the last; false by default. */
  threePhase?: boolean;
}

const ONE_CYCLE_LR = /* @__PURE__ */ parameters<OneCycleLRArguments>('OneCycleLR', () => ({
  optimizer: optimizerKind,
  maxLr: numbers,
  totalSteps: integer.orNull(),
  epochs: integer.orNull(),
  stepsPerEpoch: integer.orNull(),
  pctStart: number.or(0.3),
  annealStrategy: word('cos', 'linear').or('cos'),
  cycleMomentum: boolean.or(true),
  baseMomentum: numbers.or(0.85),
  maxMomentum: numbers.or(0.95),
  divFactor: number.or(25),
  finalDivFactor: number.or(1e4),
  threePhase: boolean.or(false),
  lastEpoch: lastEpochKind(),
}));

type OneCycleOrder = [
  'optimizer', 'maxLr', 'totalSteps', 'epochs', 'stepsPerEpoch', 'pctStart', 'annealStrategy', 'cycleMomentum', 'baseMomentum', 'maxMomentum',
  'divFactor', 'finalDivFactor', 'threePhase', 'lastEpoch',
];

type Rate = 'initialLr' | 'maxLr' | 'minLr';
type Momentum = 'maxMomentum' | 'baseMomentum';

/** A stretch of the cycle: where it ends, and from what to what rate and momentum go. */
interface Phase {
  readonly end: number;
  readonly rates: readonly [Rate, Rate];
  readonly momenta: readonly [Momentum, Momentum];
}

/**
 * One rise from maxLr / divFactor to maxLr and one fall far below, in `totalSteps` steps; momentum goes the other way. `step()` is
 * called after every batch.
 *
 * Source: Smith and Topin, "Super-convergence", 2017.
 */
export class OneCycleLR extends LRScheduler {
  /** @internal */
  static readonly _parameters = ONE_CYCLE_LR;
  readonly totalSteps: number;
  readonly cycleMomentum: boolean;
  readonly #anneal: Anneal;
  readonly #phases: readonly Phase[];

  constructor(...args: Arguments<OneCycleLRArguments, OneCycleOrder>) {
    const where = 'OneCycleLR';
    const options = ONE_CYCLE_LR.read(args);
    const { optimizer, pctStart, divFactor, finalDivFactor, lastEpoch } = options;
    const totalSteps = stepsOf(options.totalSteps, options.epochs, options.stepsPerEpoch);
    if (!(pctStart >= 0 && pctStart <= 1)) throw new UsageError(`${where}: pctStart must be within [0, 1], got ${pctStart}`, where, { pctStart });
    const maxima = ofGroups(where, 'maxLr', optimizer, options.maxLr);
    if (lastEpoch === -1) {
      groupsOf(optimizer).forEach((group, i) => {
        group.initialLr = maxima[i]! / divFactor;
        group.maxLr = maxima[i]!;
        group.minLr = group.initialLr / finalDivFactor;
      });
    }
    if (options.cycleMomentum) cycleMomentum(where, optimizer, options.baseMomentum, options.maxMomentum, lastEpoch === -1);
    super(optimizer, lastEpoch);
    this.totalSteps = totalSteps;
    this.cycleMomentum = options.cycleMomentum;
    this.#anneal = ANNEAL[options.annealStrategy];
    this.#phases = phasesOf(totalSteps, pctStart, options.threePhase);
    this.apply();
  }

  protected override next(_lr: number, _baseLr: number, i: number): number {
    const step = this.lastEpoch;
    if (step > this.totalSteps) throw new UsageError(`OneCycleLR: step ${step} is beyond the ${this.totalSteps} steps of the cycle`, 'OneCycleLR', { step });
    const group = groupsOf(this.optimizer)[i]!;
    const last = this.#phases.length - 1;
    const at = Math.min(last, this.#phases.findIndex(({ end }, k) => step <= end || k === last));
    const { end, rates, momenta } = this.#phases[at]!;
    const start = at === 0 ? 0 : this.#phases[at - 1]!.end;
    const part = (step - start) / (end - start);
    const between = (from: number | undefined, to: number | undefined): number => this.#anneal(from ?? 0, to ?? 0, part);
    if (this.cycleMomentum) setMomentum(group, between(group[momenta[0]], group[momenta[1]]));
    return between(group[rates[0]], group[rates[1]]);
  }
}

function stepsOf(totalSteps: number | null, epochs: number | null, stepsPerEpoch: number | null): number {
  const where = 'OneCycleLR';
  const least = (name: string, value: number): number => {
    if (value > 0) return value;
    throw new UsageError(`${where}: ${name} must be at least 1, got ${value}`, where, { argument: name });
  };
  if (totalSteps !== null) return least('totalSteps', totalSteps);
  if (epochs !== null && stepsPerEpoch !== null) return least('epochs', epochs) * least('stepsPerEpoch', stepsPerEpoch);
  throw new UsageError(`${where}: give totalSteps, or epochs and stepsPerEpoch`, where);
}

function phasesOf(steps: number, pctStart: number, threePhase: boolean): Phase[] {
  const rise: Phase = { end: pctStart * steps - 1, rates: ['initialLr', 'maxLr'], momenta: ['maxMomentum', 'baseMomentum'] };
  if (!threePhase) return [rise, { end: steps - 1, rates: ['maxLr', 'minLr'], momenta: ['baseMomentum', 'maxMomentum'] }];
  return [
    rise,
    { end: 2 * pctStart * steps - 2, rates: ['maxLr', 'initialLr'], momenta: ['baseMomentum', 'maxMomentum'] },
    { end: steps - 1, rates: ['initialLr', 'minLr'], momenta: ['maxMomentum', 'maxMomentum'] },
  ];
}

type ScaleFunction = (x: number) => number;

/** The arguments of `CyclicLR`. */
export interface CyclicLRArguments extends ScheduleArguments {
  /** The least rate, one for all groups or one each. */
  baseLr: OfGroups;
  /** The greatest. */
  maxLr: OfGroups;
  /** Steps of a rise; 2000 by default. */
  stepSizeUp?: number;
  /** Steps of a fall; null, the default, for as many. */
  stepSizeDown?: number | null;
  /** `'triangular'`, all cycles the same, by default; `'triangular2'`, each half as high; `'expRange'`, gamma^step as high. */
  mode?: 'triangular' | 'triangular2' | 'expRange' | 'exp_range';
  /** The factor of `'expRange'`; 1 by default. */
  gamma?: number;
  /** How high a cycle is, in place of `mode`. */
  scaleFn?: ScaleFunction | null;
  /** Whether `scaleFn` gets the number of the cycle, from 1 on, or of the step; `'cycle'` by default. */
  scaleMode?: 'cycle' | 'iterations';
  /** Whether momentum falls while the rate rises; true by default. */
  cycleMomentum?: boolean;
  /** The least momentum; 0.8 by default. */
  baseMomentum?: OfGroups;
  /** The greatest; 0.9 by default. */
  maxMomentum?: OfGroups;
}

const CYCLIC_LR = /* @__PURE__ */ parameters<CyclicLRArguments>('CyclicLR', () => ({
  optimizer: optimizerKind,
  baseLr: numbers,
  maxLr: numbers,
  stepSizeUp: integerFrom(1).or(2000),
  stepSizeDown: integerFrom(1).orNull(),
  mode: word('triangular', 'triangular2', 'expRange').or('triangular'),
  gamma: number.or(1),
  scaleFn: callable.orNull(),
  scaleMode: word('cycle', 'iterations').or('cycle'),
  cycleMomentum: boolean.or(true),
  baseMomentum: numbers.or(0.8),
  maxMomentum: numbers.or(0.9),
  lastEpoch: lastEpochKind(),
}));

type CyclicOrder = [
  'optimizer', 'baseLr', 'maxLr', 'stepSizeUp', 'stepSizeDown', 'mode', 'gamma', 'scaleFn', 'scaleMode', 'cycleMomentum', 'baseMomentum', 'maxMomentum',
  'lastEpoch',
];

/**
 * Rises from baseLr to maxLr and back along lines, again and again; momentum goes the other way. `step()` is called after every batch.
 *
 * Source: Smith, "Cyclical learning rates for training neural networks", WACV 2017.
 */
export class CyclicLR extends LRScheduler {
  /** @internal */
  static readonly _parameters = CYCLIC_LR;
  readonly cycleMomentum: boolean;
  readonly #maxLrs: readonly number[];
  readonly #size: number;
  readonly #up: number;
  readonly #scale: ScaleFunction;
  readonly #byCycle: boolean;
  readonly #momenta: readonly (readonly [base: number, max: number])[];

  constructor(...args: Arguments<CyclicLRArguments, CyclicOrder>) {
    const where = 'CyclicLR';
    const options = CYCLIC_LR.read(args);
    const { optimizer, stepSizeUp, mode, gamma, scaleFn, lastEpoch } = options;
    const bases = ofGroups(where, 'baseLr', optimizer, options.baseLr);
    const maxima = ofGroups(where, 'maxLr', optimizer, options.maxLr);
    if (lastEpoch === -1) groupsOf(optimizer).forEach((group, i) => { group.lr = bases[i]!; });
    if (options.cycleMomentum) cycleMomentum(where, optimizer, options.baseMomentum, options.maxMomentum, lastEpoch === -1);
    super(optimizer, lastEpoch);
    this.baseLrs.length = 0;
    for (const base of bases) this.baseLrs.push(base);
    this.#maxLrs = [...maxima];
    this.#size = stepSizeUp + (options.stepSizeDown ?? stepSizeUp);
    this.#up = stepSizeUp / this.#size;
    this.#scale = scaleFn ?? (mode === 'triangular' ? () => 1 : mode === 'triangular2' ? (x) => 1 / 2 ** (x - 1) : (x) => gamma ** x);
    this.#byCycle = scaleFn === null ? mode !== 'expRange' : options.scaleMode === 'cycle';
    this.cycleMomentum = options.cycleMomentum;
    const [least, greatest] = [ofGroups(where, 'baseMomentum', optimizer, options.baseMomentum), ofGroups(where, 'maxMomentum', optimizer, options.maxMomentum)];
    this.#momenta = least.map((base, i) => [base, greatest[i]!] as const);
    this.apply();
  }

  protected override next(_lr: number, baseLr: number, i: number): number {
    const cycle = Math.floor(1 + this.lastEpoch / this.#size);
    const x = 1 + this.lastEpoch / this.#size - cycle;
    const height = x <= this.#up ? x / this.#up : (x - 1) / (this.#up - 1);
    const scale: unknown = this.#scale(this.#byCycle ? cycle : this.lastEpoch);
    if (typeof scale !== 'number') throw new UsageError(`CyclicLR: scaleFn must return a number, got ${describe(scale)}`, 'CyclicLR');
    if (this.cycleMomentum) {
      const [base, max] = this.#momenta[i]!;
      setMomentum(groupsOf(this.optimizer)[i]!, max - (max - base) * height * scale);
    }
    return baseLr + (this.#maxLrs[i]! - baseLr) * height * scale;
  }
}

/** The arguments of `CosineAnnealingWarmRestarts`. */
export interface WarmRestartsArguments extends ScheduleArguments {
  /** Epochs until the first restart. */
  T0: number;
  /** The factor on this after each restart; 1 by default. */
  TMult?: number;
  /** The least rate; 0 by default. */
  etaMin?: number;
}

const WARM_RESTARTS = /* @__PURE__ */ parameters<WarmRestartsArguments>('CosineAnnealingWarmRestarts', () => ({
  optimizer: optimizerKind,
  T0: integerFrom(1),
  TMult: integerFrom(1).or(1),
  etaMin: number.or(0),
  lastEpoch: lastEpochKind(),
}));

const WARM_METHODS = {
  step: /* @__PURE__ */ parameters<{ epoch?: number | null }>('step', () => ({ epoch: number.orNull() })),
};

/**
 * lr = etaMin + (base − etaMin) · (1 + cos(π · TCur / TI)) / 2, with the epochs TCur since a restart and TI between restarts.
 * `step(epoch)` may be given a fraction, `epoch + i / batches`.
 *
 * Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  /** @internal */
  static readonly _parameters = WARM_RESTARTS;
  /** @internal */
  static override readonly _methods = { ...LRScheduler._methods, ...WARM_METHODS };
  readonly T0: number;
  readonly TMult: number;
  readonly etaMin: number;
  /** Epochs since the last restart. */
  TCur: number;
  /** Epochs from that restart to the next. */
  TI: number;

  constructor(...args: Arguments<WarmRestartsArguments, ['optimizer', 'T0', 'TMult', 'etaMin', 'lastEpoch']>) {
    const { optimizer, T0, TMult, etaMin, lastEpoch } = WARM_RESTARTS.read(args);
    super(optimizer, lastEpoch);
    ({ T0: this.T0, TMult: this.TMult, etaMin: this.etaMin } = { T0, TMult, etaMin });
    this.TI = T0;
    this.TCur = lastEpoch;
    this.lastEpoch = lastEpoch;
    this.step();
  }

  /** Goes to the next epoch, or to `epoch`. */
  override step(...args: Arguments<{ epoch?: number | null }, ['epoch']>): void {
    refuseInCapture('step', 'step');
    const { epoch } = WARM_METHODS.step.read(args);
    if (epoch === null && this.lastEpoch >= 0) {
      this.TCur += 1;
      if (this.TCur >= this.TI) {
        this.TCur %= this.TI;
        this.TI *= this.TMult;
      }
      this.lastEpoch += 1;
    } else this.goTo(epoch ?? 0);
    this.apply();
  }

  private goTo(epoch: number): void {
    const { T0, TMult } = this;
    if (!(epoch >= 0)) throw new UsageError(`CosineAnnealingWarmRestarts: epoch must be at least 0, got ${epoch}`, 'CosineAnnealingWarmRestarts', { epoch });
    if (epoch < T0) [this.TI, this.TCur] = [T0, epoch];
    else if (TMult === 1) this.TCur = epoch % T0;
    else {
      const restarts = Math.trunc(Math.log((epoch / T0) * (TMult - 1) + 1) / Math.log(TMult));
      this.TCur = epoch - (T0 * (TMult ** restarts - 1)) / (TMult - 1);
      this.TI = T0 * TMult ** restarts;
    }
    this.lastEpoch = Math.floor(epoch);
  }

  protected override next(_lr: number, baseLr: number): number {
    return this.etaMin + ((baseLr - this.etaMin) * (1 + Math.cos((Math.PI * this.TCur) / this.TI))) / 2;
  }

  /** @internal */
  override _extraState(): Record<string, unknown> {
    return { TCur: this.TCur, TI: this.TI };
  }

  /** @internal */
  override _loadExtraState({ TCur, TI }: Readonly<Record<string, unknown>>): void {
    if (typeof TCur === 'number') this.TCur = TCur;
    if (typeof TI === 'number') this.TI = TI;
  }
}
