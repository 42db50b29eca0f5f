// Derivatives of custom functions that cannot be differentiated themselves.
import { AutogradError } from '../core/errors';
import { callable } from '../core/kinds';
import { parameters } from '../core/options';
import { isOptions } from '../core/plain-object';
import { Tensor } from '../tensor/tensor';
import { isGradEnabled, noGrad } from './autograd';
import { AutogradFunction } from './function';
import type { FunctionCtx } from './function-ctx';

/** The node of gradients that cannot be differentiated again. */
class OnceDifferentiable extends AutogradFunction {
  static override forward(_ctx: FunctionCtx, ...grads: (Tensor | null)[]): (Tensor | null)[] {
    return grads.map((g) => g && g.detach());
  }

  static override backward(): never {
    throw new AutogradError('backward: trying to differentiate twice a function that was marked with onceDifferentiable()', 'backward');
  }
}

/**
 * Marks a `backward` that cannot be differentiated itself: it runs without recording, and a second derivative through it
 * is an error instead of a wrong number. Wraps a function, `static backward = onceDifferentiable((ctx, g) => …)`, or
 * decorates a method, `@onceDifferentiable static backward(ctx, g) { … }`.
 */
export function onceDifferentiable<A extends unknown[], R>(
  fn: Backward<A, R> | { fn: Backward<A, R> },
  ...context: [] | [of: { readonly kind: string }]
): Backward<A, R> {
  // As a decorator it is also told what it decorates.
  const isDecorator = context.length === 1 && isOptions(context[0]) && context[0].kind === 'method';
  const backward = ONCE.read(isDecorator ? [fn] : [fn, ...context]).fn as Backward<A, R>;
  return function (this: unknown, ctx, ...grads) {
    const result = noGrad(() => backward.call(this, ctx, ...grads));
    if (!isGradEnabled() || !grads.some((g) => g instanceof Tensor && g.requiresGrad)) return result;
    const list = (Array.isArray(result) ? result : [result]) as (Tensor | null | undefined)[];
    const marked = OnceDifferentiable.apply<(Tensor | null)[], (Tensor | null)[]>(...list.map((g) => (g == null ? null : g.detach().requiresGrad_())));
    return (Array.isArray(result) ? marked : marked[0]) as R;
  };
}

type Backward<A extends unknown[], R> = (ctx: FunctionCtx, ...grads: A) => R;

const ONCE = /* @__PURE__ */ parameters<{ fn: Backward<never, unknown> }>('onceDifferentiable', () => ({ fn: callable }));
