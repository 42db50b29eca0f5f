// What a program has made so far, for later calls to use.
import { Tensor, nn } from 'adjoint';
import { tensorsIn } from './check';
import { type Signatures } from './kinds';
import { type Value } from './program';
import { type Random } from './random';
import { lookUp } from './run';

/** A value that a step gave. */
export interface Entry<T> {
  readonly value: T;
  readonly ref: Value;
}

/** How many tensors are kept for use; older ones stay alive to the end of the program all the same. */
const MOST = 12;

/** The public classes of the package, most derived first. */
export function classesOf({ callables }: Signatures): [string, new () => object][] {
  const paths = new Set(callables.map(({ how, path, of }) => (how === 'new' ? path : of)).filter((path) => path !== '' && path !== 'Tensor'));
  const classes = [...paths].map((path) => [path, lookUp(path)] as [string, new () => object]);
  const depth = (made: object | null): number => (made === null ? 0 : 1 + depth(Object.getPrototypeOf(made) as object | null));
  return classes.filter(([, made]) => typeof made === 'function').sort(([, a], [, b]) => depth(b) - depth(a));
}

/** The tensors and the instances of classes that the steps gave. */
export class Pool {
  readonly tensors: Entry<Tensor>[] = [];
  readonly instances = new Map<string, Entry<object>[]>();

  constructor(private readonly classes: readonly [string, new () => object][]) {}

  /** Takes in what step `index` gave. */
  add(index: number, result: unknown): void {
    for (const [t, at] of tensorsIn(result)) {
      this.tensors.push({ value: t, ref: at.length === 0 ? { ref: index } : { ref: index, at } });
      if (this.tensors.length > MOST) this.tensors.shift();
    }
    const parts = Array.isArray(result) ? (result as unknown[]).slice(0, 8) : [result];
    parts.forEach((part, i) => {
      if ((typeof part !== 'object' && !(part instanceof nn.Module)) || part === null || part instanceof Tensor) return;
      const ref: Value = Array.isArray(result) ? { ref: index, at: [i] } : { ref: index };
      for (const [path, made] of this.classes) {
        if (part instanceof made) this.instancesOf(path).push({ value: part, ref });
      }
    });
  }

  instancesOf(path: string): Entry<object>[] {
    const had = this.instances.get(path);
    if (had !== undefined) return had;
    const made: Entry<object>[] = [];
    this.instances.set(path, made);
    return made;
  }

  /** A tensor that fits, if there is one. */
  tensor(random: Random, fits: (t: Tensor) => boolean): Value | null {
    const fitting = this.tensors.filter(({ value }) => (value.isDisposed ? random.chance(0.02) : fits(value)));
    return fitting.length === 0 ? null : random.pick(fitting).ref;
  }
}
