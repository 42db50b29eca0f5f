// A step over many parameters in one call of the instance.
import { disposedError } from '../runtime/disposed';
import { scratch } from '../runtime/scratch';
import type { Tensor } from '../tensor/tensor';
import { checked } from '../runtime/last-error';
import { crashed, release, wasm } from '../runtime/wasm';

/** Whether a parameter has a gradient; unlike `p.grad` this makes no object for it. */
export function hasGrad(p: Tensor): boolean {
  if (p._handle <= 0) throw disposedError('step', p);
  const handle = checked(wasm().grad_of(p._handle, 0));
  if (handle !== 0) release(handle);
  return handle !== 0;
}

/** Gathers what a step needs, as numbers: options, then each parameter with a number of its own and its state. */
export class FusedStep {
  /** The parameters that were added. */
  readonly params: Tensor[] = [];
  readonly #words: number[];
  readonly #count: number;

  constructor(options: number[]) {
    this.#count = options.length;
    this.#words = options;
    this.#words.push(0);
  }

  /** Adds a parameter; it is passed over where it has no gradient. */
  add(p: Tensor, number: number, state: readonly Tensor[]): void {
    this.params.push(p);
    this.#words.push(p._handle, number);
    for (const t of state) this.#words.push(t._handle);
  }

  /** Makes the step by `call`; returns, for each parameter, whether it had a gradient: valid until the next call of anything. */
  run(name: string, call: (words: number) => number): Float64Array {
    const { params } = this;
    const words = this.#words;
    if (params.length === 0) return NONE;
    for (const p of params) if (p._handle <= 0) throw disposedError(`${name}.step`, p);
    words[this.#count] = params.length;
    const area = scratch(words.length);
    // Not `set`, which walks an array of numbers the slow way.
    for (let i = 0; i < words.length; i++) area[i] = words[i]!;
    let count: number;
    try {
      count = call(words.length);
    } catch (e) {
      throw crashed(e);
    }
    checked(count);
    return scratch(count);
  }
}

const NONE = new Float64Array(0);
