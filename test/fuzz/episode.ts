// One program from start to end, with everything checked after each step.
import * as adjoint from 'adjoint';
import { Tensor } from 'adjoint';
import { tensorsIn, wrongThrown, wrongWith } from './check';
import { type Finding } from './finding';
import { BRIEF, LONGEST, isSettled, takeWrong } from './promises';
import { type Program, type Step } from './program';
import { runStep, type Frame } from './run';
import { Storages, footprint, type Footprint } from './storages';
import { sizeOfMade } from './tensors';
import { tidy } from './tidy';
import { writesOf } from './writes';

/** How many tensors are watched. */
const MOST = 20;

/** Runs steps and says what is wrong after each. */
export class Episode {
  readonly steps: Step[] = [];
  readonly frame: Frame = {
    results: [],
    parameters: [],
    made: (t, spec) => {
      this.made.push(t);
      const at = footprintOf(t);
      if (at !== null) this.sizes.set(at.start, sizeOfMade(spec));
    },
  };
  finding: Finding | null = null;
  /** The tensors made for the arguments of the step that runs, and those of the steps before it. */
  private readonly made: Tensor[] = [];
  private readonly arguments: Tensor[] = [];
  /** The tensors whose storages are watched. */
  private live: Tensor[] = [];
  private before = new Storages([], new Set());
  private readonly volatile = new Set<Tensor>();
  /** The sizes of the storages that were made for the program, by where they are. */
  private readonly sizes = new Map<number, number>();

  /** Findings of the kinds that are `overlooked` do not end the program. */
  constructor(private readonly overlooked: ReadonlySet<string> = new Set()) {}

  /** Runs a step; what it gave, or undefined if it threw. */
  run(step: Step): unknown {
    this.steps.push(step);
    let result: unknown;
    let written: Footprint[] = [];
    const before = (on: unknown, args: readonly unknown[]): void => {
      if (!('call' in step)) return;
      const { now, later } = writesOf(step, on, args);
      written = now.map(footprintOf).filter((at) => at !== null);
      for (const t of later) this.volatile.add(t);
      if (later.length === 0 && this.made.length === 0) return;
      this.live = [...this.live, ...this.made].filter((t) => !t.isDisposed).slice(-MOST);
      this.before = new Storages(this.live, this.volatile);
    };
    try {
      result = runStep(step, this.frame, before);
    } catch (thrown) {
      this.reportWrong(wrongThrown(thrown));
    }
    this.look(step, result, written);
    this.frame.results.push(result);
    this.arguments.push(...this.made.splice(0));
    return result;
  }

  /** Waits for what the last step promised, if it did; what it gave then. */
  async arrived(): Promise<unknown> {
    const { results } = this.frame;
    const promised = results.at(-1);
    if (!(promised instanceof Promise)) return promised;
    let given: unknown;
    // Whether a promise of the program's own is ever settled is not the package's business.
    const hasFunction = JSON.stringify(this.steps).includes('"fn":');
    if (await isSettled(promised, hasFunction ? BRIEF : LONGEST)) {
      given = await promised.catch(() => undefined);
      this.reportWrong(takeWrong());
      this.look(this.steps.at(-1)!, given, []);
    } else if (!hasFunction) this.report('hang', 'its promise stays open');
    results[results.length - 1] = given;
    return given;
  }

  private reportWrong(wrong: [string, string] | null, when = ''): void {
    if (wrong !== null && !this.overlooked.has(wrong[0])) this.report(wrong[0] as Finding['kind'], `${when}${wrong[1]}`);
  }

  /** Checks what a step gave, unless something is wrong already. */
  private look(step: Step, given: unknown, written: readonly Footprint[]): void {
    if (this.finding !== null) return;
    try {
      this.check(step, given, written);
    } catch (thrown) {
      // Looking at a tensor is refused inside of transforms, or for lack of memory.
      const wrong = wrongThrown(thrown);
      // The picture is of before the step: what it may have written would be found in the next one.
      this.before = new Storages([], new Set());
      if (wrong !== null) this.report('invalid', `reading what there is: ${wrong[1]}`);
    }
  }

  private report(kind: Finding['kind'], message: string): void {
    this.finding ??= { kind, message, step: this.steps.length - 1, program: [...this.steps] };
  }

  private check(step: Step, result: unknown, written: readonly Footprint[]): void {
    const changed = this.before.changedOutside(written);
    if (changed !== null) return this.report('written', changed);
    for (const start of this.before.freed()) this.sizes.delete(start);
    const given = [...tensorsIn(result).keys()];
    for (const t of given) {
      const wrong = wrongWith(t);
      if (wrong !== null) return this.report('invalid', wrong);
    }
    const isOfMember = 'call' in step && (step.call === 'grad' || (step.how !== 'call' && step.on !== undefined && !isTensor(step, this.frame)));
    if (isOfMember) for (const t of given) this.volatile.add(t);
    else this.spread(given);
    this.live = [...this.live, ...given].filter((t) => !t.isDisposed).slice(-MOST);
    const after = new Storages(this.live, this.volatile);
    for (const start of this.sizes.keys()) if (!after.has(start)) this.sizes.delete(start);
    const misplaced = after.misplaced();
    if (misplaced !== null) return this.report('overlap', misplaced);
    const outside = after.outside(this.sizes);
    if (outside !== null) return this.report('bounds', outside);
    this.before = after;
  }

  /** Views of what may be written without being named may be so too, for as long as they live. */
  private spread(given: readonly Tensor[]): void {
    if (this.volatile.size === 0) return;
    const starts = new Set([...this.volatile].map((t) => footprintOf(t)?.start));
    for (const t of given) {
      const at = footprintOf(t);
      if (at !== null && starts.has(at.start)) this.volatile.add(t);
    }
  }

  /** Disposes everything. What is still alive afterwards is a leak. */
  async end(): Promise<void> {
    this.live = [];
    this.before = new Storages([], new Set());
    this.volatile.clear();
    this.reportWrong(tidy([...this.arguments.splice(0), ...this.frame.results]), 'at the end: ');
    this.frame.results.length = 0;
    // Promises that no step has waited for are rejected by then, and those that nobody handles are said.
    await new Promise((resolve) => setImmediate(resolve));
    this.reportWrong(takeWrong(), 'at the end: ');
  }
}

/** Where a tensor is stored, unless it cannot be asked. */
function footprintOf(t: Tensor): Footprint | null {
  try {
    return footprint(t);
  } catch (error) {
    if (error instanceof adjoint.AdjointError) return null;
    throw error;
  }
}

function isTensor(step: Extract<Step, { call: string }>, { results }: Frame): boolean {
  const { on } = step;
  if (typeof on !== 'object' || on === null) return false;
  if ('tensor' in on) return true;
  if (!('ref' in on)) return false;
  return (on.at ?? []).reduce<unknown>((holder, key) => (holder as Record<string | number, unknown> | null | undefined)?.[key], results[on.ref]) instanceof Tensor;
}

/** Runs a program that is there. */
export async function replay(program: Program, overlooked?: ReadonlySet<string>): Promise<Episode> {
  const episode = new Episode(overlooked);
  adjoint.manualSeed(0);
  for (const step of program) {
    episode.run(step);
    await episode.arrived();
    if (episode.finding !== null) break;
  }
  await episode.end();
  return episode;
}
