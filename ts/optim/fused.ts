// A step over many parameters in one call of the instance.
import { disposedError } from '../disposed';
import { scratch } from '../scratch';
import type { Tensor } from '../tensor';
import { checked, crashed, release, wasm } from '../wasm';

/** Whether a parameter has a gradient; unlike `p.grad` this makes no object for it. */
export function hasGrad(p: Tensor): boolean {
  if (p._handle <= 0) throw disposedError('step', p);
  const handle = checked(wasm().grad_of(p._handle, 0));
  if (handle !== 0) release(handle);
  return handle !== 0;
}

/** Gathers what a step needs, as numbers: options, then each parameter with a number of its own and its state. */
export class FusedStep {
  readonly #params: Tensor[] = [];
  readonly #words: number[];
  readonly #count: number;

  constructor(options: readonly number[]) {
    this.#words = [...options, 0];
    this.#count = options.length;
  }

  /** Adds a parameter; it is passed over where it has no gradient. */
  add(p: Tensor, number: number, state: readonly Tensor[]): void {
    this.#params.push(p);
    this.#words.push(p._handle, number);
    for (const t of state) this.#words.push(t._handle);
  }

  /** Makes the step by `call`; returns the parameters that had a gradient. */
  run(name: string, call: (words: number) => number): Tensor[] {
    const params = this.#params;
    if (params.length === 0) return [];
    const gone = params.find((p) => p._handle <= 0);
    if (gone !== undefined) throw disposedError(`${name}.step`, gone);
    this.#words[this.#count] = params.length;
    scratch(this.#words.length).set(this.#words);
    let count: number;
    try {
      count = call(this.#words.length);
    } catch (e) {
      throw crashed(e);
    }
    checked(count);
    const had = scratch(count);
    return params.filter((_, i) => had[i] !== 0);
  }
}
