// Makes the tensors of a program.
import * as adjoint from 'adjoint';
import { type Tensor } from 'adjoint';
import { type TensorSpec } from './program';
import { Random } from './random';
import { ITEM_SIZES } from './storages';

export const DTYPES = ['float32', 'float64', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool', 'float16', 'bfloat16'] as const;

const EDGES = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 2 ** 31, 2 ** 31 - 1, -(2 ** 31), 2 ** 32, 2 ** 53, 1e-40, 1e300, 65504, 127, 255, -128];
const INTEGER_EDGES = [0n, 1n, -1n, 127n, 255n, -128n, 32767n, 2n ** 31n, 2n ** 31n - 1n, -(2n ** 31n), 2n ** 32n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)];

/** The values of a tensor, such as `tensor()` takes them. */
function valuesOf(spec: TensorSpec, count: number): (number | bigint | boolean)[] {
  const random = new Random(spec.seed, 77);
  const isFloating = spec.dtype.includes('float');
  return Array.from({ length: count }, () => {
    if (spec.fill === 'index') return random.int(0, Math.max((spec.below ?? 1) - 1, 0));
    if (spec.dtype === 'bool') return random.chance(0.5);
    if (spec.fill === 'edge') return isFloating ? random.pick(EDGES) : BigInt.asIntN(bitsOf(spec.dtype), random.pick(INTEGER_EDGES));
    return isFloating ? Math.round(random.next() * 64 - 32) / 8 : random.int(spec.dtype === 'uint8' ? 0 : -4, 4);
  });
}

function bitsOf(dtype: string): number {
  // One bit less for unsigned numbers, which then are never negative ones.
  return dtype === 'uint8' ? 7 : Number(/\d+/.exec(dtype)?.[0] ?? 64);
}

/** How the elements are stored: the dense tensor to make, and the view of it. */
function stored({ shape, layout }: TensorSpec): [readonly number[], (dense: Tensor) => Tensor] {
  if (layout === 'transposed') {
    const order = shape.map((_, i) => shape.length - 1 - i);
    return [[...shape].reverse(), (dense) => dense.permute(order)];
  }
  if (layout === 'strided' && shape.length > 0) {
    const wide = [...shape.slice(0, -1), shape.at(-1)! * 2];
    return [wide, (dense) => dense.index(...shape.slice(1).map(() => ({})), { step: 2 })];
  }
  if (layout === 'expanded') return [shape.map((size, i) => (i % 2 === 0 && size > 0 ? 1 : size)), (dense) => dense.expand(shape)];
  if (layout === 'offset' && shape.length > 0) return [[shape[0]! + 2, ...shape.slice(1)], (dense) => dense.index({ start: 1, stop: shape[0]! + 1 })];
  return [shape, (dense) => dense];
}

/** Makes the tensor; what it needed on the way is disposed. */
export function makeTensor(spec: TensorSpec): Tensor {
  const [shape, view] = stored(spec);
  const count = shape.reduce((product, size) => product * size, 1);
  const flat = adjoint.tensor(valuesOf(spec, count) as number[], { dtype: spec.dtype as 'float32' });
  const dense = flat.reshape(shape);
  let made = view(dense);
  if (spec.requiresGrad) {
    const leaf = made.detach();
    if (made !== dense) made.dispose();
    made = leaf.requiresGrad_();
  }
  if (dense !== made) dense.dispose();
  if (flat !== made) flat.dispose();
  if (spec.disposed) made.dispose();
  return made;
}

/** How many bytes the storage has of a tensor that was made. */
export function sizeOfMade(spec: TensorSpec): number {
  return stored(spec)[0].reduce((product, size) => product * size, 1) * ITEM_SIZES[spec.dtype]!;
}
