// Tensors of another dtype, and new ones like a given one.
import { codeOf, isCpu, type DType, type Device } from '../core/dtype';
import { parameters, type Arguments } from '../core/options';
import { isOptions } from '../core/plain-object';
import { notOnCpu } from './arguments';
import { many, opId } from './call';
import { newTensorLike, type TensorData, type TensorOptions } from './create';
import { membersOf, type Members } from './members';
import type { Tensor } from './tensor';
import { tensor } from './tensor-kinds';

/** What `to` takes by name. */
export interface ToOptions {
  dtype?: DType | null;
  device?: Device | null;
  nonBlocking?: boolean;
  copy?: boolean;
  /** The strides of a copy: those of the tensor without gaps, or row-major. */
  memoryFormat?: 'preserve_format' | 'contiguous_format' | null;
}

export interface TensorConverting {
  /**
   * This tensor in another dtype, that of `other`, or on a device, of which there is one: itself where nothing changes and no
   * copy is asked for. Floats become integers by dropping the fraction and bools by `!= 0`; the gradient is cast back.
   */
  to(dtypeOrOther: DType | Tensor, nonBlocking?: boolean, copy?: boolean): Tensor;
  to(device: Device | null, dtype?: DType | null, nonBlocking?: boolean, copy?: boolean): Tensor;
  to(first: DType | Device | Tensor, options: ToOptions): Tensor;
  to(options?: ToOptions & { other?: Tensor }): Tensor;

  /** A tensor that holds a copy of `data`, as `tensor(data)` makes it, of the dtype of this one where none is given. */
  newTensor(data: TensorData, options?: TensorOptions): Tensor;
  newTensor(options: { data: TensorData } & TensorOptions): Tensor;

  /** This tensor in the dtype of `other`. */
  typeAs(...args: Arguments<{ other: Tensor }, ['other']>): Tensor;

  /** This tensor, which is on the CPU. */
  cpu(): this;
}

const LISTS = { typeAs: /* @__PURE__ */ parameters<{ other: Tensor }>('typeAs', () => ({ other: tensor })) };

/** Names of devices PyTorch has, to tell them from misspelt dtypes. */
const DEVICES = /^(cpu|cuda|mps|xpu|xla|meta|hpu|mtia|ipu|vulkan|privateuseone)(:\d+)?$/;

/** The arguments of `to` without a device, which must be the one there is, and with a dtype. */
function withoutDevice(t: Tensor, args: readonly unknown[]): unknown[] {
  const rest = [...args];
  if (rest[0] === null || (typeof rest[0] === 'string' && DEVICES.test(rest[0]))) {
    if (rest[0] !== null && !isCpu(rest[0])) throw notOnCpu('to', rest[0]);
    rest.shift();
    if (!isOptions(rest[0])) rest[0] ??= t.dtype;
  }
  const last = rest[rest.length - 1];
  if (rest.length > 1 || (rest.length === 1 && !isOptions(last))) return rest;
  const { device, ...options } = isOptions(last) ? last : {};
  if (device != null && !isCpu(device)) throw notOnCpu('to', device);
  return [options['dtype'] == null && options['other'] == null ? { ...options, dtype: t.dtype } : options];
}

export const converting: Members = /* @__PURE__ */ membersOf<TensorConverting>({
  to(...args: unknown[]) {
    if (args.length === 1 && codeOf(args[0]) === this._facts.dtype) return this;
    return many(opId('to'), this, withoutDevice(this, args), false);
  },
  newTensor(...args: unknown[]) {
    return newTensorLike(this, args);
  },
  typeAs(...args: unknown[]) {
    return this.to(LISTS.typeAs.read(args).other.dtype);
  },
  cpu() {
    return this;
  },
}, { refusing: 'cpu', lists: LISTS });
