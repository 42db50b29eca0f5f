// Tensors whose strides are given.
import type { DType, Device } from '../core/dtype';
import { ShapeError, UsageError, under } from '../core/errors';
import { boolean, device, dtype, integerFrom, list, only } from '../core/kinds';
import { named, parameters, type Arguments, type Stated, type Values } from '../core/options';
import { empty } from '../generated/functions';
import type { Tensor } from './tensor';
import { tensor } from './tensor-kinds';

/** How a tensor is made, beside its shape. */
export interface StridedOptions {
  /** The dtype; float32 by default. */
  dtype?: DType | null;
  /** PyTorch's word for tensors that have strides, which all have. */
  layout?: 'strided' | null;
  /** Where it is: on the CPU. */
  device?: Device | null;
  /** Whether gradients flow to it. */
  requiresGrad?: boolean;
  /** Of no effect. */
  pinMemory?: boolean;
}

interface WithStrides extends StridedOptions {
  /** How many elements there are along each dim. */
  size: readonly number[];
  /** How many elements of memory a step along each dim takes. */
  stride: readonly number[];
}

const counts = () => list('integers of at least 0', integerFrom(0));
const options = () => ({
  dtype: dtype.orNull(),
  layout: only<'strided' | null>(null, 'strided'),
  device: device(),
  requiresGrad: boolean.or(false),
  pinMemory: boolean.or(false),
});

function withStrides({ size, stride, dtype, requiresGrad }: Values<WithStrides>): Tensor {
  const where = 'emptyStrided';
  if (size.length !== stride.length) {
    throw new ShapeError(`${where}: size [${size.join(', ')}] has ${size.length} dims, stride [${stride.join(', ')}] has ${stride.length}`, where, { size, stride });
  }
  const length = size.includes(0) ? 0 : size.reduce((sum, n, d) => sum + (n - 1) * stride[d]!, 1);
  const made = under(where, () => empty([length], { dtype: dtype ?? 'float32' }).asStrided(size, stride));
  if (requiresGrad) made.requiresGrad = true;
  return made;
}

/**
 * Makes a tensor of shape `size` with the given strides, in elements, whose values should not be relied on; they are 0. Elements may
 * share memory. Source: PyTorch, `torch.empty_strided`.
 */
export const emptyStrided: Stated & ((...args: Arguments<WithStrides, ['size', 'stride']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<WithStrides>('emptyStrided', () => ({ size: counts(), stride: counts(), ...options() }), 5),
  withStrides,
);

interface Permuted extends StridedOptions {
  /** How many elements there are along each dim. */
  size: readonly number[];
  /** The dims from the one with the longest steps in memory to that with the shortest. */
  physicalLayout: readonly number[];
}

/**
 * Makes a tensor of shape `size` without gaps in memory, where the dims lie in the order `physicalLayout` says, the innermost last.
 * Its values should not be relied on. Source: PyTorch, `torch.empty_permuted`.
 */
export const emptyPermuted: Stated & ((...args: Arguments<Permuted, ['size', 'physicalLayout']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<Permuted>('emptyPermuted', () => ({ size: counts(), physicalLayout: counts(), ...options() }), 5),
  ({ size, physicalLayout: order, dtype, requiresGrad }) => {
    const where = 'emptyPermuted';
    const isOrder = order.length === size.length && new Set(order).size === order.length && order.every((d) => d < size.length);
    if (!isOrder) {
      throw new UsageError(`${where}: physicalLayout must name each dim of size [${size.join(', ')}] once, got [${order.join(', ')}]`, where, { size, physicalLayout: order });
    }
    const made = under(where, () => empty(order.map((d) => size[d]!), { dtype: dtype ?? 'float32' }).permute(size.map((_, d) => order.indexOf(d))));
    if (requiresGrad) made.requiresGrad = true;
    return made;
  },
);

interface InPlace {
  /** The tensor that becomes another view of its memory. */
  input: Tensor;
  size: readonly number[];
  stride: readonly number[];
  storageOffset?: number | null;
}

/** Makes `input` another view of its memory, and returns it: the method `asStrided_`. Source: PyTorch, `torch.as_strided_`. */
export const asStrided_: Stated & ((...args: Arguments<InPlace, ['input', 'size', 'stride', 'storageOffset']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<InPlace>('asStrided_', () => ({ input: tensor, size: counts(), stride: counts(), storageOffset: integerFrom(0).orNull() })),
  ({ input, size, stride, storageOffset }) => input.asStrided_(size, stride, storageOffset),
);
