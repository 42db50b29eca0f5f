// Buffers: tensors of a module that are saved with it and not learned.
import { boolean } from '../core/kinds';
import { parameters, type Arguments } from '../core/options';
import { OURS } from '../core/ours';
import { UNSCOPED } from '../runtime/owner';
import { trackForFinalization } from '../runtime/unscoped';
import { Tensor } from '../tensor/tensor';
import { tensor } from '../tensor/tensor-kinds';
import { noteValue } from './fields';
import { valuesOf } from './parameter';

interface BufferArguments {
  /** The values. */
  data: Tensor;
  /** Whether the state dict has it; true by default. */
  persistent?: boolean;
}

const BUFFER = /* @__PURE__ */ parameters<BufferArguments>('Buffer', () => ({ data: tensor, persistent: boolean.or(true) }));

/**
 * A tensor that is state of a module: assigned to a property of a `Module` it is a buffer, as by `registerBuffer`. It shares the
 * values of `data` without its history, and is never released by a scope.
 *
 * @example
 * class Shift extends nn.Module {
 *   by = new nn.Buffer(ones(1));
 *   override forward(x: Tensor) { return x.add(this.by); }
 * }
 */
export class Buffer extends Tensor {
  /** @internal */
  static readonly _parameters = BUFFER;

  /** Whether the state dict has it. */
  declare readonly persistent: boolean;

  constructor(...args: Arguments<BufferArguments, ['data', 'persistent']>) {
    const { data, persistent } = BUFFER.read(args);
    super(OURS, valuesOf(data), UNSCOPED);
    trackForFinalization(this);
    if (data.requiresGrad) this.requiresGrad = true;
    // Not enumerable, as what else a tensor has.
    Object.defineProperty(this, 'persistent', { value: persistent, configurable: true });
    noteValue();
  }

  /** @internal What it is to the module that it is assigned to. */
  get _kind(): 'buffer' | 'transient' {
    return this.persistent ? 'buffer' : 'transient';
  }
}
