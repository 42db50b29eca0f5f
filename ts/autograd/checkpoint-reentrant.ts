// The older form of checkpoints: a function whose backward runs it again and the backward pass of the new graph.
import { backward, enableGrad } from './autograd';
import { tensor } from '../tensor/create';
import { AutogradError } from '../core/errors';
import { AutogradFunction } from './function';
import type { FunctionCtx } from './function-ctx';
import { getRngState, setRngState } from '../tensor/random';
import { scope } from '../runtime/scope';
import { Tensor } from '../tensor/tensor';
import { wasm } from '../runtime/wasm';

type Run = (...args: never[]) => unknown;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value]);

/** Calls `fn` with random numbers drawn as from `state`; the stream goes on where it was. */
function withRandom<T>(state: Tensor | null, fn: () => T): T {
  if (state === null) return fn();
  const now = getRngState();
  setRngState(state);
  try {
    return fn();
  } finally {
    setRngState(now);
    now.dispose();
  }
}

/** PyTorch's node of the same name. */
class CheckpointFunction extends AutogradFunction {
  static override forward(ctx: FunctionCtx, run: Run, preserveRandom: boolean, ...args: unknown[]): unknown {
    ctx['run'] = run;
    ctx['random'] = preserveRandom ? getRngState().toTypedArray() : null;
    // Tensors are watched for changes and packed as any saved value is; the rest is kept as it is.
    ctx['args'] = args.map((arg) => (arg instanceof Tensor ? null : arg));
    ctx.saveForBackward(...args.map((arg) => (arg instanceof Tensor ? arg : null)));
    return run(...(args as never[]));
  }

  static override backward(ctx: FunctionCtx, ...grads: (Tensor | null)[]): (Tensor | null)[] {
    if (wasm().walk_is_unrestricted() === 0) {
      throw new AutogradError(
        'checkpoint: with useReentrant: true it works neither in grad() nor in backward() with inputs; ' +
          'leave useReentrant out, or call backward() without inputs',
        'checkpoint',
      );
    }
    const saved = ctx.savedTensors as (Tensor | null)[];
    const kept = ctx['args'] as readonly unknown[];
    const inputs = saved.map((t) => (t === null ? null : t.detach().requiresGrad_(t.requiresGrad)));
    const random = ctx['random'] as Uint8Array | null;
    scope(() => {
      const state = random === null ? null : tensor(random);
      const out = withRandom(state, () => enableGrad(() => (ctx['run'] as Run)(...(kept.map((arg, i) => inputs[i] ?? arg) as never[]))));
      const roots: Tensor[] = [];
      const seeds: (Tensor | null)[] = [];
      listOf(out).forEach((t, i) => {
        if (!(t instanceof Tensor) || !t.requiresGrad) return;
        roots.push(t);
        seeds.push(grads[i] ?? null);
      });
      if (roots.length === 0) {
        throw new AutogradError('checkpoint: none of the outputs of the second run requires grad, so there is nothing to walk', 'checkpoint');
      }
      backward(roots, seeds);
    });
    return [null, null, ...inputs.map((t) => t?.grad ?? null)];
  }
}

/** `checkpoint` with `useReentrant: true`. */
export function reentrant(fn: Run, args: readonly unknown[], preserveRandom: boolean): unknown {
  return CheckpointFunction.apply((...given: never[]) => scope(() => fn(...given)), preserveRandom, ...args);
}
