// compile(): a function that is captured at its first call and replayed from then on.
import { dispose } from '../core/symbols';
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { callable, word } from '../core/kinds';
import { named, parameters, type Stated } from '../core/options';
import { isGradEnabled } from '../autograd/autograd';
import { Tensor } from '../tensor/tensor';
import { record, type Capturable, type CapturedFunction } from './capture';

/** A function that replays what it recorded; see `compile`. */
export interface Compiled<F extends Capturable = Capturable> extends Disposable {
  (...inputs: Parameters<F>): ReturnType<F>;
  /** The records there are, one for each combination of shapes and dtypes it was called with. */
  readonly programs: readonly CapturedFunction[];
  /** The one record there is on a graphics device; call the function once before. See `CapturedFunction.to`. */
  to: CapturedFunction['to'];
  /** Releases the records. A later call captures again. */
  dispose(): void;
}

/** How a function is compiled. */
export interface CompileOptions {
  /** `'cheap'`: what is cheap is computed again for the backward pass instead of being kept. Nothing is by default. */
  recompute?: 'cheap' | null;
}

/** What a record holds for. */
function keyOf(inputs: readonly unknown[]): string {
  const facts = inputs.map((t, i) => {
    if (!(t instanceof Tensor)) throw new UsageError(`compile: input ${i} must be a tensor, got ${describe(t)}; let the function use what is no tensor without being given it`, 'compile');
    return `${t.dtype}${t.shape.join()}${t.requiresGrad ? 'g' : ''}`;
  });
  return `${isGradEnabled() ? '' : 'n'}|${facts.join('|')}`;
}

/**
 * The function `fn`, recorded by `capture` at the first call with inputs of some shapes, dtypes and need of gradients, and replayed at
 * later ones: PyTorch's `torch.compile` in what it is for. What it returns and what it changes have the bits of `fn` itself; what `fn`
 * does besides tensor operations happens at the first call only.
 *
 * With `recompute: 'cheap'` replays take less memory and some more time: what the backward pass reads and a pass over memory makes again,
 * such as activations and normalized layers, is not kept since the forward pass. Results have the same bits. Only what has more than 4 KiB
 * counts, and the calls before the second replay keep everything.
 *
 * It is captured anew where a parameter, buffer or module that a record holds was replaced. What cannot be captured is an error at the
 * first call. A record holds the tensors it uses until `dispose()`.
 */
export const compile: Stated & (<F extends Capturable>(fn: F | ({ fn: F } & CompileOptions), options?: CompileOptions) => Compiled<F>) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ fn: Capturable } & CompileOptions>('compile', () => ({ fn: callable, recompute: word('cheap').orNull() }), 1),
  ({ fn, recompute }) => compiled(fn, recompute === 'cheap'),
);

/** The program of the last call, and what it holds for: most calls are like the one before. */
interface Last {
  readonly program: CapturedFunction;
  readonly isGradEnabled: boolean;
  readonly facts: readonly { readonly dtype: string; readonly shape: readonly number[]; readonly requiresGrad: boolean }[];
}

function isLike({ isGradEnabled: was, facts }: Last, inputs: readonly unknown[]): boolean {
  if (inputs.length !== facts.length || isGradEnabled() !== was) return false;
  for (let i = 0; i < facts.length; i++) {
    const t = inputs[i];
    const { dtype, shape, requiresGrad } = facts[i]!;
    if (!(t instanceof Tensor) || t._handle <= 0 || t.dtype !== dtype || t.requiresGrad !== requiresGrad) return false;
    const now = t.shape;
    if (now === shape) continue;
    if (now.length !== shape.length) return false;
    for (let d = 0; d < shape.length; d++) if (now[d] !== shape[d]) return false;
  }
  return true;
}

function lastOf(program: CapturedFunction, inputs: readonly Tensor[]): Last {
  return { program, isGradEnabled: isGradEnabled(), facts: inputs.map(({ dtype, shape, requiresGrad }) => ({ dtype, shape, requiresGrad })) };
}

function compiled(fn: Capturable, recomputes: boolean): Compiled {
  const programs = new Map<string, CapturedFunction>();
  let last: Last | null = null;
  const known = (inputs: readonly Tensor[]): CapturedFunction | null => {
    if (last !== null && isLike(last, inputs)) return last.program;
    const found = programs.get(keyOf(inputs));
    if (found === undefined) return null;
    last = lastOf(found, inputs);
    return found;
  };
  const call = (...inputs: Tensor[]): Tensor | Iterable<Tensor> => {
    const found = known(inputs);
    if (found?._isCurrent === true) {
      const out = found._replay(inputs);
      return found._isSingle ? out[0]! : out;
    }
    found?.dispose();
    last = null;
    const key = keyOf(inputs);
    programs.delete(key);
    const { program, outputs, isSingle } = record(fn, inputs, true, recomputes);
    programs.set(key, program);
    return isSingle ? outputs[0]! : outputs;
  };
  const release = (): void => {
    last = null;
    for (const program of programs.values()) program.dispose();
    programs.clear();
  };
  const to = async (...args: Parameters<CapturedFunction['to']>): Promise<unknown> => {
    const all = [...programs.values()];
    if (all.length !== 1) {
      const why = all.length === 0 ? 'there is no record yet; call the function once with inputs of the shapes it is to have' : `there are ${all.length} records; call to() of one of programs`;
      throw new UsageError(`compile: ${why}`, 'to');
    }
    return all[0]!.to(...args);
  };
  return Object.defineProperties(call, {
    to: { value: to },
    programs: { get: () => [...programs.values()] },
    dispose: { value: release },
    [dispose]: { value: release },
  }) as unknown as Compiled;
}
