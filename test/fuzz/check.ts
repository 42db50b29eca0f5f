// What must hold of whatever a call gives.
import { AdjointError, Tensor, nn, type TypedArray } from 'adjoint';
import { CallbackError } from './fixtures';
import { memoryBytes } from './instance';
import { DTYPES } from './tensors';
import { footprint } from './storages';

/** How many elements are still read one by one. */
export const READABLE = 4096;

/** The members of an object, none where reading them throws. */
export function membersOf(value: object): [string, unknown][] {
  try {
    return Object.entries(value);
  } catch {
    return [];
  }
}

/** The tensors in a result, however nested, with where they are. */
export function tensorsIn(value: unknown, found = new Map<Tensor, (string | number)[]>(), at: (string | number)[] = [], seen = new Set<unknown>()): Map<Tensor, (string | number)[]> {
  // Has no shape and no elements that could be looked at: reading them throws.
  if (value instanceof nn.UninitializedParameter || value instanceof nn.UninitializedBuffer) return found;
  if (value instanceof Tensor) {
    if (!found.has(value)) found.set(value, at);
    return found;
  }
  if (typeof value !== 'object' || value === null || seen.has(value) || at.length > 4 || found.size > 64) return found;
  seen.add(value);
  if (value instanceof nn.Module || value instanceof AdjointError) return found;
  if (value instanceof Map) value.forEach((part) => tensorsIn(part, found, at, seen));
  else if (Array.isArray(value)) value.slice(0, 64).forEach((part, i) => tensorsIn(part, found, [...at, i], seen));
  else if (Symbol.iterator in value && 'length' in value && 0 in value) {
    for (let i = 0; i < Number(value.length); i++) tensorsIn((value as Record<number, unknown>)[i], found, [...at, i], seen);
  } else if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null) {
    for (const [key, part] of membersOf(value).slice(0, 64)) tensorsIn(part, found, [...at, key], seen);
  }
  return found;
}

/** What is wrong with a tensor, or null. */
export function wrongWith(t: Tensor): string | null {
  if (t.isDisposed) return null;
  const { shape, dtype, ndim } = t;
  const strides = t.stride();
  const isSize = (size: number): boolean => Number.isSafeInteger(size) && size >= 0;
  if (!shape.every(isSize)) return `its shape is [${shape.join(', ')}]`;
  if (ndim !== shape.length || strides.length !== shape.length) return `it has ${ndim} dims, ${shape.length} sizes and ${strides.length} strides`;
  if (!(DTYPES as readonly string[]).includes(dtype)) return `its dtype is ${dtype}`;
  const count = shape.reduce((product, size) => product * size, 1);
  if (t.numel() !== count) return `it has ${t.numel()} elements in the shape [${shape.join(', ')}]`;
  if (!isSize(t.storageOffset())) return `its offset is ${t.storageOffset()}`;
  // What was written in place from a tensor that requires grad does so too, whatever its dtype, as in PyTorch.
  if (t.requiresGrad && t.isLeaf && !t.isFloatingPoint()) return `it requires grad as ${dtype}`;
  return count <= READABLE ? misread(t, count) : null;
}

const VIEWS: Readonly<Record<string, new (buffer: ArrayBuffer, at: number, length: number) => TypedArray>> = {
  float32: Float32Array, float64: Float64Array, int64: BigInt64Array, int32: Int32Array, int16: Int16Array, int8: Int8Array, uint8: Uint8Array,
};

/** Compares what the tensor says its elements are with what is stored where they must be. */
function misread(t: Tensor, count: number): string | null {
  const read = t.toTypedArray();
  if (read.length !== count) return `${read.length} of ${count} elements are read`;
  const at = footprint(t);
  const View = VIEWS[t.dtype];
  const memory = memoryBytes();
  if (at === null || View === undefined || memory === null) return null;
  const stored = new View(memory, at.start + at.from, (at.to - at.from) / at.itemSize);
  const index = at.shape.map(() => 0);
  for (let i = 0; i < count; i++) {
    const offset = index.reduce((sum, k, dim) => sum + k * at.strides[dim]!, 0);
    if (!Object.is(read[i], stored[offset])) return `element ${i} reads as ${String(read[i])} and is stored as ${String(stored[offset])}`;
    for (let dim = index.length - 1; dim >= 0 && ++index[dim]! >= at.shape[dim]!; dim--) index[dim] = 0;
  }
  return null;
}

/** What a thrown value is, if it is none that a caller may see: the kind of the finding and what it says. */
export function wrongThrown(thrown: unknown): [string, string] | null {
  if (thrown instanceof CallbackError) return null;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof AdjointError) {
    if (/is dead after|is a bug|instance is lost/.test(text)) return ['trap', text];
    return typeof thrown.code === 'string' && thrown.code !== '' ? null : ['untyped', `an error without a code: ${text}`];
  }
  if (thrown instanceof WebAssembly.RuntimeError) return ['trap', text];
  return ['untyped', `${thrown instanceof Error ? thrown.name : typeof thrown}: ${text}`];
}
