// Parameters whose shape is not known yet: those of lazy modules before their first call.
import type { DType, Device } from '../core/dtype';
import { UsageError } from '../core/errors';
import { empty } from '../generated/functions';
import { boolean, device, dtype } from '../core/kinds';
import { parameters, withoutArguments, type Arguments } from '../core/options';
import { swapHandle } from '../runtime/ownership';
import { shape as shapeKind } from './pairs';
import { Parameter } from './parameter';

/** The arguments of `UninitializedParameter`. */
export interface UninitializedOptions {
  /** Whether it asks for gradients; true by default. */
  requiresGrad?: boolean;
  /** Where it is kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** Its dtype; float32 by default. */
  dtype?: DType | null;
}

const UNINITIALIZED = /* @__PURE__ */ parameters<UninitializedOptions>('UninitializedParameter', () => ({
  requiresGrad: boolean.or(true),
  device: device(),
  dtype: dtype.orNullFor('float32'),
}));

const METHODS = {
  materialize: /* @__PURE__ */ parameters<{ shape: number | readonly number[] }>('materialize', () => ({ shape: shapeKind })),
};

function unknown(what: string): UsageError {
  return new UsageError(
    `${what}: the parameter of a lazy module has no shape before the module's first call; call the network once with a batch of the right shape`,
    what,
  );
}

/**
 * A parameter that has no shape yet. It gets one, and uninitialised values, by `materialize`, and is an ordinary parameter from then
 * on, the same object: an optimizer that was given it keeps working.
 */
export class UninitializedParameter extends Parameter {
  /** @internal */
  static override readonly _parameters = UNINITIALIZED as never;

  static {
    withoutArguments(this.prototype, 'numel toString');
  }

  constructor(...args: Arguments<UninitializedOptions, ['requiresGrad', 'device', 'dtype']>) {
    const { requiresGrad, dtype } = UNINITIALIZED.read(args);
    const nothing = empty([0], { dtype });
    super(nothing, requiresGrad);
    nothing.dispose();
  }

  override get shape(): readonly number[] {
    throw unknown('shape');
  }

  override numel(): number {
    throw unknown('numel');
  }

  /** Makes it an ordinary parameter of this shape, whose values are not set. */
  materialize(...args: Arguments<{ shape: number | readonly number[] }, ['shape']>): void {
    const { shape } = METHODS.materialize.read(args);
    const { requiresGrad, dtype } = this;
    Object.setPrototypeOf(this, Parameter.prototype);
    swapHandle(this, empty(shape, { dtype }));
    if (requiresGrad) this.requiresGrad = true;
  }

  override toString(): string {
    return '<UninitializedParameter>';
  }
}

/** A property of a lazy module that its class has as read-only. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Whether a lazy module waits for the shape of any of these. */
export function isWaiting(...parameters: readonly (Parameter | null)[]): boolean {
  return parameters.some((parameter) => parameter instanceof UninitializedParameter);
}

/** Gives a parameter its shape where it has none yet. */
export function materialize(parameter: Parameter | null, shape: readonly number[]): void {
  if (parameter instanceof UninitializedParameter) parameter.materialize(shape);
}
