// Parameters: the tensors a module learns.
import type { DType } from '../core/dtype';
import { empty } from '../generated/functions';
import { boolean } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { OURS } from '../core/ours';
import { UNSCOPED } from '../runtime/owner';
import { trackForFinalization } from '../runtime/unscoped';
import { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { checked } from '../runtime/last-error';
import { scopeTake, wasm } from '../runtime/wasm';
import { noteValue } from './fields';

interface ParameterArguments {
  /** The values. */
  data: Tensor;
  /** Whether it asks for gradients; true by default. */
  requiresGrad?: boolean;
}

const PARAMETER = /* @__PURE__ */ parameters<ParameterArguments>('Parameter', () => ({ data: tensor, requiresGrad: boolean.or(true) }));

/**
 * A tensor that a module learns: assigned to a property of a `Module` it appears among its parameters. It shares the values
 * of `data` without its history, asks for gradients unless told otherwise, and is never released by a scope.
 *
 * @example
 * class Scale extends nn.Module {
 *   factor = new nn.Parameter(ones(1));
 *   override forward(x: Tensor) { return x.mul(this.factor); }
 * }
 */
export class Parameter extends Tensor {
  /** @internal */
  static readonly _parameters = PARAMETER;

  constructor(...args: Arguments<ParameterArguments, ['data', 'requiresGrad']>) {
    // A tensor alone, the usual call, needs no list.
    const isTensor = args.length === 1 && args[0] instanceof Tensor;
    const { data, requiresGrad } = isTensor ? { data: args[0] as Tensor, requiresGrad: true } : PARAMETER.read(args);
    super(OURS, valuesOf(data), UNSCOPED);
    trackForFinalization(this);
    if (requiresGrad) this.requiresGrad = true;
    noteValue();
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }
}

Object.defineProperty(Parameter.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Parameter) {
    return this.toString();
  },
  configurable: true,
});

/** A handle of the values of `data` without its history, which no scope releases. */
export function valuesOf(data: Tensor): number {
  const handle = checked(wasm().detach(data._handle));
  scopeTake(0, handle);
  return handle;
}

/** A parameter whose values are not set. The usual dtype is not asked for by name, which would cost as much as the tensor. */
export function emptyParameter(shape: readonly number[], dtype: DType | null): Parameter {
  return parameterOf(dtype === 'float32' ? empty(shape) : empty(shape, { dtype }));
}

/** A parameter of values without another holder: `data` is released, its memory becomes the parameter's. */
export function parameterOf(data: Tensor): Parameter {
  const parameter = new Parameter(data);
  data.dispose();
  return parameter;
}
