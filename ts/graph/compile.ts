// compile(): a function that is captured at its first call and replayed from then on.
import { dispose } from '../core/symbols';
import { describe } from '../core/describe';
import { UsageError } from '../core/errors';
import { callable } from '../core/kinds';
import { named, parameters, type Stated } from '../core/options';
import { isGradEnabled } from '../autograd/autograd';
import { Tensor } from '../tensor/tensor';
import { record, type Capturable, type CapturedFunction } from './capture';

/** A function that replays what it recorded; see `compile`. */
export interface Compiled<F extends Capturable = Capturable> extends Disposable {
  (...inputs: Parameters<F>): ReturnType<F>;
  /** The records there are, one for each combination of shapes and dtypes it was called with. */
  readonly programs: readonly CapturedFunction[];
  /** Releases the records. A later call captures again. */
  dispose(): void;
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
 * It is captured anew where a parameter, buffer or module that a record holds was replaced. What cannot be captured is an error at the
 * first call. A record holds the tensors it uses until `dispose()`.
 */
export const compile: Stated & (<F extends Capturable>(fn: F | { fn: F }) => Compiled<F>) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ fn: Capturable }>('compile', () => ({ fn: callable })),
  ({ fn }) => compiled(fn),
);

function compiled(fn: Capturable): Compiled {
  const programs = new Map<string, CapturedFunction>();
  const call = (...inputs: Tensor[]): Tensor | Iterable<Tensor> => {
    const key = keyOf(inputs);
    const known = programs.get(key);
    if (known?._isCurrent === true) return known._isSingle ? known.run(...inputs) : known.runAll(...inputs);
    known?.dispose();
    programs.delete(key);
    const { program, outputs, isSingle } = record(fn, inputs, true);
    programs.set(key, program);
    return isSingle ? outputs[0]! : outputs;
  };
  const release = (): void => {
    for (const program of programs.values()) program.dispose();
    programs.clear();
  };
  return Object.defineProperties(call, {
    programs: { get: () => [...programs.values()] },
    dispose: { value: release },
    [dispose]: { value: release },
  }) as unknown as Compiled;
}
