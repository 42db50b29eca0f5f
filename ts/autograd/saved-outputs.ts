// Outputs of a custom function that its context holds.
import { Tensor } from '../tensor/tensor';
import { savedBy, type FunctionCtx } from './function-ctx';

/**
 * Has the node save the outputs that are properties of `ctx`, or in a list that is one, and the properties read them there: as
 * properties they would go with the scope of the call, or lead back to the node, which would keep itself.
 */
export class SavedOutputs {
  readonly tensors: Tensor[] = [];
  readonly #properties: [name: string, read: (saved: readonly (Tensor | null)[]) => unknown][] = [];

  constructor(own: readonly (readonly [string, unknown])[], outputs: readonly Tensor[]) {
    for (const [name, value] of own) {
      if (value instanceof Tensor) {
        const at = this.#add(value, outputs);
        if (at >= 0) this.#properties.push([name, (saved) => saved[at]]);
      } else if (Array.isArray(value)) {
        const places = value.map((part) => (part instanceof Tensor ? this.#add(part, outputs) : -1));
        if (places.every((at) => at < 0)) continue;
        // The outputs themselves are not held here.
        const others = value.map((part: unknown, i) => (places[i]! < 0 ? part : null));
        this.#properties.push([name, (saved) => others.map((part, i) => (places[i]! < 0 ? part : saved[places[i]!]))]);
      }
    }
  }

  /** Which of `tensors` an output is; -1 for a tensor that is none. */
  #add(t: Tensor, outputs: readonly Tensor[]): number {
    if (!outputs.includes(t)) return -1;
    const known = this.tensors.indexOf(t);
    return known >= 0 ? known : this.tensors.push(t) - 1;
  }

  /** Has the properties read what was saved. */
  install(ctx: FunctionCtx): void {
    for (const [name, read] of this.#properties) {
      Object.defineProperty(ctx, name, {
        get: () => read(savedBy(ctx._id).slice(ctx._savedCount)),
        set: (value: unknown) => void Object.defineProperty(ctx, name, { value, writable: true, enumerable: true, configurable: true }),
        enumerable: false,
        configurable: true,
      });
    }
  }
}
