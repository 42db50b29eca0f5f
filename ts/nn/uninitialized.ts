// Parameters whose shape is not known yet: those of lazy modules before their first call.
import type { DType, Device } from '../core/dtype';
import { UsageError } from '../core/errors';
import { empty } from '../generated/functions';
import { boolean, device, dtype } from '../core/kinds';
import { parameters, withoutArguments, type Arguments, type Values } from '../core/options';
import { swapHandle } from '../runtime/ownership';
import type { Tensor } from '../tensor/tensor';
import { shape as shapeKind } from './pairs';
import { Buffer } from './buffer';
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

/** The arguments of `materialize`. */
export interface MaterializeArguments {
  shape: number | readonly number[];
  /** Where it is kept: `'cpu'`, the only device. */
  device?: Device | null;
  /** Its dtype; the one it has by default. */
  dtype?: DType | null;
}

const METHODS = {
  materialize: /* @__PURE__ */ parameters<MaterializeArguments>('materialize', () => ({ shape: shapeKind, device: device(), dtype: dtype.orNull() })),
};

function unknown(what: string, thing = 'parameter'): UsageError {
  return new UsageError(
    `${what}: the ${thing} of a lazy module has no shape before the module's first call; call the network once with a batch of the right shape`,
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
  materialize(...args: Arguments<MaterializeArguments, ['shape', 'device', 'dtype']>): void {
    become(this, Parameter.prototype, METHODS.materialize.read(args));
  }

  override toString(): string {
    return '<UninitializedParameter>';
  }
}

/** Makes `t`, which has no shape yet, an ordinary tensor of another class. */
function become(t: Tensor, prototype: object, { shape, dtype }: Values<MaterializeArguments>): void {
  const { requiresGrad } = t;
  const made = empty(shape, { dtype: dtype ?? t.dtype });
  Object.setPrototypeOf(t, prototype);
  swapHandle(t, made);
  if (requiresGrad) t.requiresGrad = true;
}

/** The arguments of `UninitializedBuffer`. */
export interface UninitializedBufferOptions extends UninitializedOptions {
  /** Whether it asks for gradients; false by default. */
  requiresGrad?: boolean;
  /** Whether the state dict has it; true by default. */
  persistent?: boolean;
}

const UNINITIALIZED_BUFFER = /* @__PURE__ */ parameters<UninitializedBufferOptions>('UninitializedBuffer', () => ({
  requiresGrad: boolean.or(false),
  device: device(),
  dtype: dtype.orNullFor('float32'),
  persistent: boolean.or(true),
}));

/**
 * A buffer that has no shape yet. It gets one, and uninitialised values, by `materialize`, and is an ordinary `Buffer` from then on, the
 * same object.
 */
export class UninitializedBuffer extends Buffer {
  /** @internal */
  static override readonly _parameters = UNINITIALIZED_BUFFER as never;

  static {
    withoutArguments(this.prototype, 'numel toString');
  }

  constructor(...args: Arguments<UninitializedBufferOptions, ['requiresGrad', 'device', 'dtype', 'persistent']>) {
    const { requiresGrad, dtype, persistent } = UNINITIALIZED_BUFFER.read(args);
    const nothing = empty([0], { dtype });
    super(nothing, persistent);
    nothing.dispose();
    if (requiresGrad) this.requiresGrad = true;
  }

  override get shape(): readonly number[] {
    throw unknown('shape', 'buffer');
  }

  override numel(): number {
    throw unknown('numel', 'buffer');
  }

  /** Makes it an ordinary buffer of this shape, whose values are not set. */
  materialize(...args: Arguments<MaterializeArguments, ['shape', 'device', 'dtype']>): void {
    become(this, Buffer.prototype, METHODS.materialize.read(args));
  }

  override toString(): string {
    return '<UninitializedBuffer>';
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
