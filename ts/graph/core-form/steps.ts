// Steps of optimizers as formulas of tensors, with their numbers as constants that a host may set.
import type { Builder, Id } from './builder';
import type { Attribute } from './record';
import type { Call } from './rule';

/** The numbers of one call, by name; lists have one a parameter. */
export interface Numbers {
  /** A number that never changes. */
  readonly fixed: Readonly<Record<string, number>>;
  /** The learning rate, a 0-dim float32. */
  readonly rate: Id;
  /** The number of each parameter's step, a 0-dim float32; empty where a step does without. */
  readonly counts: readonly Id[];
  /** The other lists, whose numbers never change. */
  readonly lists: Readonly<Record<string, readonly number[]>>;
}

/** The numbers of the next steps, one call after the other. */
export class StepNumbers {
  readonly #b: Builder;
  readonly #numbers: readonly [readonly number[], readonly number[]];
  #at = 0;
  /** Counters by the number of the next step. */
  readonly #counters = new Map<number, Id>();
  #rates = 0;

  constructor(b: Builder, numbers: readonly [readonly number[], readonly number[]]) {
    this.#b = b;
    this.#numbers = numbers;
  }

  /** The numbers of the next call; null where they change in a way that a record cannot say. */
  of(attributes: Readonly<Record<string, Attribute>>): Numbers | null {
    const fixed: Record<string, number> = {};
    const lists: Record<string, readonly number[]> = {};
    let counts: readonly Id[] = [];
    let [rate, isKnown] = [NaN, true];
    for (const [name, given] of Object.entries(attributes)) {
      const length = typeof given === 'object' && given !== null ? given.length : 1;
      const [now, next] = this.#numbers.map((all) => all.slice(this.#at, this.#at + length)) as [number[], number[]];
      this.#at += length;
      if (name === 'lr') rate = now[0]!;
      else if (now.every((n, i) => next[i] === n)) {
        if (typeof given === 'object') lists[name] = now;
        else fixed[name] = now[0]!;
      } else if (now.every((n, i) => next[i] === n + 1)) counts = now.map((n) => this.#counter(n));
      else isKnown = false;
    }
    if (!isKnown || Number.isNaN(rate)) return null;
    this.#rates++;
    const name = this.#rates === 1 ? 'lr' : `lr_${this.#rates}`;
    return { fixed, lists, counts, rate: this.#b.constant({ dtype: 'float32', shape: [] }, { name, number: rate }) };
  }

  #counter(next: number): Id {
    let id = this.#counters.get(next);
    if (id === undefined) {
      const name = this.#counters.size === 0 ? 'step' : `step_${this.#counters.size + 1}`;
      this.#counters.set(next, (id = this.#b.constant({ dtype: 'float32', shape: [] }, { name, number: next })));
    }
    return id;
  }

  /** What counters hold after a step. */
  updates(): { constant: Id; value: Id }[] {
    return [...this.#counters.values()].map((constant) => ({ constant, value: this.#b.plus(constant, 1) }));
  }
}

/** Makes a step: what it writes, in the order of its inputs. */
type Step = (b: Builder, call: Call, numbers: Numbers) => readonly Id[];

/** Does `each` for every parameter, whose lists it is given by name. What it gives are the new parameter and states, in order. */
function eachParameter(call: Call, each: (of: Readonly<Record<string, Id>>, i: number) => readonly Id[]): readonly Id[] {
  const lists = new Map<string, Id[]>();
  call.parameters.forEach((name, i) => { lists.set(name, [...(lists.get(name) ?? []), call.inputs[i]!]); });
  const count = lists.get('self')?.length ?? 0;
  const made = Array.from({ length: count }, (_, i) => each(Object.fromEntries([...lists].map(([name, list]) => [name, list[i]!])), i));
  return (made[0] ?? []).flatMap((_, list) => made.map((of) => of[list]!));
}

/** `1 − decayᵗ` as `−(eˣ − 1)` with x = t · log decay, which by tanh x/2 keeps its digits where it is small. */
function correction(b: Builder, decay: number, t: Id): Id {
  if (decay === 0) return b.filled(1, b.dtype(t));
  const u = b.unary('tanh', b.times(t, Math.log(decay) / 2));
  return b.div(b.times(u, -2), b.sub(b.filled(1, b.dtype(t)), u));
}

const sgd: Step = (b, call, { fixed, lists, rate }) =>
  eachParameter(call, ({ self, grads, momentumBufferList }, i) => {
    const p = self!;
    const lr = b.to(rate, b.dtype(p));
    let g = fixed['maximize'] === 1 ? b.unary('neg', grads!) : grads!;
    if (fixed['weightDecay'] !== 0) g = b.add(g, b.times(p, fixed['weightDecay']!));
    if (momentumBufferList === undefined) return [b.sub(p, b.mul(lr, g))];
    const isFirst = lists['isFirstStep']![i] !== 0;
    const v = isFirst ? g : b.add(b.times(momentumBufferList, fixed['momentum']!), b.times(g, 1 - fixed['dampening']!));
    const way = fixed['nesterov'] === 1 ? b.add(g, b.times(v, fixed['momentum']!)) : v;
    return [b.sub(p, b.mul(lr, way)), v];
  });

const adam = (isDecoupled: boolean): Step => (b, call, { fixed, counts, rate }) =>
  eachParameter(call, ({ self, grads, expAvgs, expAvgSqs, maxExpAvgSqs }, i) => {
    const [beta1, beta2, decay] = [fixed['beta1']!, fixed['beta2']!, fixed['weightDecay']!];
    let [p, g] = [self!, fixed['maximize'] === 1 ? b.unary('neg', grads!) : grads!];
    const dtype = b.dtype(p);
    const [lr, t] = [b.to(rate, dtype), b.to(counts[i]!, dtype)];
    if (decay !== 0 && isDecoupled) p = b.mul(p, b.sub(b.filled(1, dtype), b.times(lr, decay)));
    if (decay !== 0 && !isDecoupled) g = b.add(g, b.times(p, decay));
    const m = b.add(expAvgs!, b.times(b.sub(g, expAvgs!), 1 - beta1));
    const v = b.add(b.times(expAvgSqs!, beta2), b.times(b.mul(g, g), 1 - beta2));
    const greatest = maxExpAvgSqs === undefined ? v : b.binary('maximum', maxExpAvgSqs, v);
    const root = b.div(b.unary('sqrt', greatest), b.unary('sqrt', correction(b, beta2, t)));
    const size = b.div(lr, correction(b, beta1, t));
    const moved = b.sub(p, b.mul(size, b.div(m, b.plus(root, fixed['eps']!))));
    return maxExpAvgSqs === undefined ? [moved, m, v] : [moved, m, v, greatest];
  });

/** The steps there are rules for, by op. */
export const STEPS: Readonly<Record<string, Step>> = {
  _fusedSgd_: sgd,
  _fusedAdam_: adam(false),
  _fusedAdamw_: adam(true),
};
