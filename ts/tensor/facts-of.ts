// Members of tensors as functions of the root: `torch.numel(x)` beside `x.numel()`.
import { anyObject, boolean, list } from '../core/kinds';
import { named, parameters, type Arguments, type Stated } from '../core/options';
import { Tensor } from './tensor';
import { tensor } from './tensor-kinds';

/** A function of one tensor. */
type OfTensor<R> = Stated & ((...args: Arguments<{ input: Tensor }, ['input']>) => R);

/** The method of that name as a function. */
function asked<R>(name: keyof Tensor & string): OfTensor<R> {
  return named(
    parameters<{ input: Tensor }>(name, () => ({ input: tensor })),
    ({ input }) => (input[name] as unknown as () => R).call(input),
  );
}

/** The number of elements. Source: PyTorch, `torch.numel`. */
export const numel: OfTensor<number> = /* @__PURE__ */ asked('numel');

/** Whether the dtype is complex: false, there are no such dtypes. Source: PyTorch, `torch.is_complex`. */
export const isComplex: OfTensor<false> = /* @__PURE__ */ asked('isComplex');

/** Whether a conjugation is pending: false. Source: PyTorch, `torch.is_conj`. */
export const isConj: OfTensor<false> = /* @__PURE__ */ asked('isConj');

/** Whether a negation is pending: false. Source: PyTorch, `torch.is_neg`. */
export const isNeg: OfTensor<false> = /* @__PURE__ */ asked('isNeg');

/** Whether the dtype has negative numbers: all but uint8 and bool. Source: PyTorch, `torch.is_signed`. */
export const isSigned: OfTensor<boolean> = /* @__PURE__ */ asked('isSigned');

/** Whether it was made in inference mode. Source: PyTorch, `torch.is_inference`. */
export const isInference: OfTensor<boolean> = /* @__PURE__ */ asked('isInference');

/** Whether the one element of a tensor is not 0. Source: PyTorch, `torch.is_nonzero`. */
export const isNonzero: OfTensor<boolean> = /* @__PURE__ */ asked('isNonzero');

/** The number of the device a tensor is on: −1, the CPU. Source: PyTorch, `torch.get_device`. */
export const getDevice: OfTensor<-1> = /* @__PURE__ */ asked('getDevice');

/** A view without history. Source: PyTorch, `torch.detach`. */
export const detach: OfTensor<Tensor> = /* @__PURE__ */ asked('detach');

/** Forgets the history of a tensor, in place. Source: PyTorch, `torch.detach_`. */
export const detach_: OfTensor<Tensor> = /* @__PURE__ */ asked('detach_');

/** A copy without history. Source: PyTorch, `torch.detach_copy`. */
export const detachCopy: OfTensor<Tensor> = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ input: Tensor }>('detachCopy', () => ({ input: tensor })),
  ({ input }) => input.detach().clone(),
);

/** Whether two tensors have the same shape. Source: PyTorch, `torch.is_same_size`. */
export const isSameSize: Stated & ((...args: Arguments<{ input: Tensor; other: Tensor }, ['input', 'other']>) => boolean) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ input: Tensor; other: Tensor }>('isSameSize', () => ({ input: tensor, other: tensor })),
  ({ input, other }) => input.isSameSize(other),
);

interface IndexPut {
  /** The tensor that is written. */
  input: Tensor;
  /** Where: as the method takes it. */
  indices: readonly (Tensor | null)[];
  /** What is written, broadcast to the places. */
  values: Tensor;
  /** Whether it is added to what is there; false by default. */
  accumulate?: boolean;
}

/** Writes values at places that tensors of indices name: the method `indexPut_`. Source: PyTorch, `torch.index_put_`. */
export const indexPut_: Stated & ((...args: Arguments<IndexPut, ['input', 'indices', 'values', 'accumulate']>) => Tensor) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<IndexPut>('indexPut_', () => ({ input: tensor, indices: list('tensors of indices', tensor.orNull()), values: tensor, accumulate: boolean.or(false) })),
  ({ input, indices, values, accumulate }) => input.indexPut_(indices as readonly Tensor[], values, accumulate),
);

/**
 * The name of a kind of value: of a tensor PyTorch's `'torch.FloatTensor'` and the like, of anything else its class or JavaScript's name
 * of its type. Source: PyTorch, `torch.typename`.
 */
export const typename: Stated & ((...args: Arguments<{ obj: unknown }, ['obj']>) => string) = /* @__PURE__ */ named(
  /* @__PURE__ */ parameters<{ obj: unknown }>('typename', () => ({ obj: anyObject })),
  ({ obj }) => {
    if (obj instanceof Tensor) return obj.type();
    if (typeof obj !== 'object' || obj === null) return obj === null ? 'null' : typeof obj;
    const { constructor } = obj as { constructor?: unknown };
    return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'object';
  },
);
