// The shadow model of storages: where each is, how long, and what it holds, read from the memory of the instance itself.
import { type Tensor } from 'adjoint';
import { memoryBytes } from './instance';

export const ITEM_SIZES: Readonly<Record<string, number>> = { float64: 8, int64: 8, float32: 4, int32: 4, float16: 2, bfloat16: 2, int16: 2, int8: 1, uint8: 1, bool: 1 };

/** Storages that are longer are not looked at. */
const LONGEST = 65536;

/** Where a tensor's elements are. */
export interface Footprint {
  /** The address of its storage. */
  readonly start: number;
  /** The first byte and the one past the last, from the start of the storage. */
  readonly from: number;
  readonly to: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly itemSize: number;
}

/** Where a tensor is stored, or null where it has no elements or no memory. */
export function footprint(t: Tensor): Footprint | null {
  if (t.isDisposed || t.numel() === 0) return null;
  const address = t.dataPtr();
  const itemSize = ITEM_SIZES[t.dtype]!;
  const from = t.storageOffset() * itemSize;
  const shape = t.shape, strides = t.stride();
  const reach = shape.reduce((sum, size, i) => sum + (size - 1) * strides[i]!, 0) + 1;
  return { start: address - from, from, to: from + reach * itemSize, shape, strides, itemSize };
}

/** A storage as it was. */
interface Storage {
  readonly start: number;
  readonly tensors: Tensor[];
  /** One past the last byte that a tensor here has. */
  size: number;
  /** Whether one of its tensors may be written without being named, as gradients and parameters are. */
  isVolatile: boolean;
  bytes: Uint8Array;
}

/** A picture of the storages of some tensors. */
export class Storages {
  private readonly storages = new Map<number, Storage>();

  constructor(tensors: Iterable<Tensor>, volatile: ReadonlySet<Tensor>) {
    for (const t of tensors) {
      const at = footprint(t);
      if (at === null || at.to > LONGEST) continue;
      let storage = this.storages.get(at.start);
      if (storage === undefined) this.storages.set(at.start, (storage = { start: at.start, tensors: [], size: 0, isVolatile: false, bytes: NOTHING }));
      storage.tensors.push(t);
      storage.size = Math.max(storage.size, at.to);
      storage.isVolatile ||= volatile.has(t);
    }
    const memory = memoryBytes();
    if (memory === null) return;
    for (const storage of this.storages.values()) {
      if (storage.start >= 0 && storage.start + storage.size <= memory.byteLength) storage.bytes = new Uint8Array(memory, storage.start, storage.size).slice();
    }
  }

  /** Whether a storage that starts there is in the picture. */
  has(start: number): boolean {
    return this.storages.has(start);
  }

  /** The starts of the storages that no tensor of this picture has any more. */
  freed(): number[] {
    return [...this.storages.values()].filter((storage) => !isStill(storage)).map(({ start }) => start);
  }

  /** Says what was written where no element of `written` is, or null. */
  changedOutside(written: readonly Footprint[]): string | null {
    const memory = memoryBytes();
    if (memory === null) return null;
    for (const storage of this.storages.values()) {
      const { start, bytes } = storage;
      if (storage.isVolatile) continue;
      const now = new Uint8Array(memory, start, bytes.length);
      if (Buffer.compare(bytes, now) === 0 || !isStill(storage)) continue;
      const allowed = new Uint8Array(bytes.length);
      for (const target of written) if (target.start === start) cover(target, allowed);
      const changed = bytes.findIndex((byte, i) => byte !== now[i] && allowed[i] === 0);
      if (changed >= 0) return `byte ${changed} of the ${bytes.length} of a storage that the call has no business with`;
    }
    return null;
  }

  /** Says which storages overlap or are outside of the memory, or null. */
  misplaced(): string | null {
    const limit = memoryBytes()?.byteLength ?? Infinity;
    const inOrder = [...this.storages.values()].sort((a, b) => a.start - b.start);
    for (const [i, { start, size }] of inOrder.entries()) {
      const next = inOrder[i + 1]?.start ?? limit;
      if (start < 0 || start + size > next) return `elements are stored at ${start} to ${start + size}, where ${next === limit ? 'the memory ends' : 'another storage begins'} at ${next}`;
    }
    return null;
  }

  /** Says which tensor reaches out of a storage whose size is known, or null. */
  outside(sizes: ReadonlyMap<number, number>): string | null {
    for (const { start, size } of this.storages.values()) {
      const known = sizes.get(start);
      if (known !== undefined && size > known) return `a view's elements end at byte ${size} of a storage of ${known}`;
    }
    return null;
  }
}

const NOTHING = new Uint8Array(0);

function isStill({ tensors, start }: Storage): boolean {
  return tensors.some((t) => footprint(t)?.start === start);
}

/** Marks the bytes of a tensor's elements. */
function cover({ from, shape, strides, itemSize }: Footprint, marked: Uint8Array): void {
  const visit = (dim: number, at: number): void => {
    if (dim === shape.length) marked.fill(1, at, at + itemSize);
    else if (strides[dim] === 0) visit(dim + 1, at);
    else for (let i = 0; i < shape[dim]!; i++) visit(dim + 1, at + i * strides[dim]! * itemSize);
  };
  visit(0, from);
}
