// The schedule that goes to a rate and stays there.
import { UsageError } from '../core/errors';
import { integerFrom, numbers, word } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { LRScheduler, lastEpochKind, ofGroups, optimizerKind, type OfGroups, type ScheduleArguments, type Scheduled } from './scheduler';

/** The arguments of `SWALR`. */
export interface SWALRArguments extends ScheduleArguments {
  /** The rate at the end, one for all groups or one each. */
  swaLr: OfGroups;
  /** Epochs until then; 10 by default. */
  annealEpochs?: number;
  /** `'cos'` by default. */
  annealStrategy?: 'cos' | 'linear';
}

const SWALR_PARAMETERS = /* @__PURE__ */ parameters<SWALRArguments>('SWALR', () => ({
  optimizer: optimizerKind,
  swaLr: numbers,
  annealEpochs: integerFrom(0).or(10),
  annealStrategy: word('cos', 'linear').or('cos'),
  lastEpoch: lastEpochKind(),
}));

/** Goes from the rate it finds to `swaLr` in `annealEpochs` epochs, and keeps it: for the time in which weights are averaged. */
export class SWALR extends LRScheduler {
  /** @internal */
  static readonly _parameters = SWALR_PARAMETERS;
  readonly annealEpochs: number;
  readonly #part: (t: number) => number;
  /** Steps since it was made, whatever the epoch. */
  #steps = -1;

  constructor(...args: Arguments<SWALRArguments, ['optimizer', 'swaLr', 'annealEpochs', 'annealStrategy', 'lastEpoch']>) {
    const { optimizer, swaLr, annealEpochs, annealStrategy, lastEpoch } = SWALR_PARAMETERS.read(args);
    const rates = ofGroups('SWALR', 'swaLr', optimizer, swaLr);
    super(optimizer, lastEpoch);
    (optimizer as Scheduled).paramGroups.forEach((group, i) => { (group as { swaLr?: number }).swaLr = rates[i]!; });
    this.annealEpochs = annealEpochs;
    this.#part = annealStrategy === 'linear' ? (t) => t : (t) => (1 - Math.cos(Math.PI * t)) / 2;
    this.apply();
  }

  protected override apply(): void {
    this.#steps += 1;
    super.apply();
  }

  protected override next(lr: number, _baseLr: number, i: number): number {
    const { swaLr } = (this.optimizer as Scheduled).paramGroups[i] as { swaLr?: number };
    if (swaLr === undefined) throw new UsageError(`SWALR: group ${i} of the optimizer has no swaLr; it was added after the schedule was made`, 'SWALR');
    const step = this.annealEpochs === 0 ? Math.max(1, this.#steps) : this.#steps;
    const at = (epoch: number): number => this.#part(Math.max(0, Math.min(1, epoch / Math.max(1, this.annealEpochs))));
    const before = at(step - 1);
    const start = before === 1 ? swaLr : (lr - before * swaLr) / (1 - before);
    const part = at(step);
    return swaLr * part + start * (1 - part);
  }

  /** @internal */
  override _extraState(): Record<string, unknown> {
    return { steps: this.#steps };
  }

  /** @internal */
  override _loadExtraState({ steps }: Readonly<Record<string, unknown>>): void {
    if (typeof steps === 'number') this.#steps = steps;
  }
}
