// Puts everything back as it was before a program.
import * as adjoint from 'adjoint';
import { Tensor, autograd, nn } from 'adjoint';
import { wrongThrown } from './check';
import { watch } from './promises';

type Members = Record<PropertyKey, unknown>;

/** Disposes, removes and closes what the steps gave, and ends the modes they left on; says what was wrong with that, or null. */
export function tidy(results: readonly unknown[]): [string, string] | null {
  let wrong: [string, string] | null = null;
  const attempt = (run: () => void): boolean => {
    try {
      run();
      return true;
    } catch (thrown) {
      wrong ??= wrongThrown(thrown);
      return false;
    }
  };
  const seen = new Set<unknown>();
  const close = (value: unknown, depth: number): void => {
    if ((typeof value !== 'object' && !(value instanceof nn.Module)) || value === null || seen.has(value) || depth > 5) return;
    seen.add(value);
    if (value instanceof Tensor) {
      attempt(() => {
        value.dispose();
      });
      return;
    }
    const isOurs = ![Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
    if (isOurs || 'remove' in value) {
      for (const end of ['remove', 'dispose', 'return', Symbol.dispose]) {
        attempt(() => {
          const method = (value as Members)[end];
          if (typeof method === 'function' && method.length <= 1) watch((method as () => unknown).call(value));
        });
      }
    }
    if (value instanceof Map) value.forEach((part) => { close(part, depth + 1); });
    else if (!ArrayBuffer.isView(value)) {
      attempt(() => {
        for (const part of Object.values(value)) close(part, depth + 1);
      });
    }
  };
  for (const result of [...results].reverse()) close(result, 0);
  for (let count = 0; count < 100; count++) {
    if (!attempt(() => { autograd.forwardAd.exitDualLevel(); })) break;
  }
  // Guards of functions that a transform ran are none of the results.
  attempt(() => { autograd.inferenceMode(false); });
  attempt(() => { adjoint.setGradEnabled(true); });
  attempt(() => { autograd.setDetectAnomaly(false, true); });
  // One that a function of the program started is none of its results, and would look at the stack for each tensor from then on.
  attempt(() => { adjoint.trackLeaks().stop(); });
  return wrong;
}
