// Questions about two tensors that are answered with true or false.
import { many, opId } from './call';
import { refuseInCapture } from '../core/capturing';
import type { Arguments } from '../core/options';
import { membersOf, type Members } from './members';
import type { Tensor } from './tensor';

/** How far elements may differ. */
export interface ToleranceOptions {
  /** Relative to the element of `other`; 1e-5 by default. */
  rtol?: number;
  /** In absolute terms; 1e-8 by default. */
  atol?: number;
  /** Whether NaN is close to NaN. */
  equalNan?: boolean;
}

function ask(op: string, args: readonly unknown[]): boolean {
  refuseInCapture(op.slice(1), 'read');
  const answer = many(opId(op), null, args, false) as Tensor;
  const result = answer.item<boolean>();
  answer.dispose();
  return result;
}

/**
 * Whether `|input − other| ≤ atol + rtol · |other|` everywhere. Shapes broadcast, dtypes must be equal. Source: PyTorch, `torch.allclose`.
 */
export function allclose(...args: Arguments<{ input: Tensor; other: Tensor } & ToleranceOptions, ['input', 'other', 'rtol', 'atol', 'equalNan']>): boolean {
  return ask('_allclose', args);
}

/** Whether both have the same shape and the same elements; NaN equals nothing. Source: PyTorch, `torch.equal`. */
export function equal(...args: Arguments<{ input: Tensor; other: Tensor }, ['input', 'other']>): boolean {
  return ask('_equal', args);
}

export interface TensorComparing {
  /** Whether `|this − other| ≤ atol + rtol · |other|` everywhere. */
  allclose(...args: Arguments<{ other: Tensor } & ToleranceOptions, ['other', 'rtol', 'atol', 'equalNan']>): boolean;

  /** Whether both have the same shape and the same elements. */
  equal(...args: Arguments<{ other: Tensor }, ['other']>): boolean;
}

export const comparing: Members = /* @__PURE__ */ membersOf<TensorComparing>({
  allclose(...args: unknown[]) {
    return ask('_allclose', [this, ...args]);
  },
  equal(...args: unknown[]) {
    return ask('_equal', [this, ...args]);
  },
});
