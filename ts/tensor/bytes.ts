// Tensors as bytes, of any dtype and bit for bit: what files hold.
import { refuseInCapture } from '../core/capturing';
import { SIZES, codeOf } from '../core/dtype';
import { UsageError } from '../core/errors';
import { disposedError } from '../runtime/disposed';
import { wasm } from '../runtime/wasm';
import { newTensor } from './new-tensor';
import { readAt } from './read';
import type { Tensor } from './tensor';

/**
 * A new tensor of the dtype with this code, whose bytes `fill` writes. They are in row-major order and little-endian, a bool is
 * 0 or 1. What it gets is valid until the next call into the instance. If it throws, the tensor is released.
 */
export function tensorOfBytes(code: number, shape: readonly number[], fill: (bytes: Uint8Array) => void): Tensor {
  const length = shape.reduce((a, b) => a * b, SIZES[code]!);
  return newTensor(code, shape, (buffer, address) => { fill(new Uint8Array(buffer, address, length)); });
}

/** Throws unless the values of `t` may be read by `op`. */
export function checkReadable(op: string, t: Tensor): void {
  refuseInCapture(op, 'read');
  if (t._handle <= 0) throw disposedError(op, t);
  if (wasm().is_sample(t._handle) === 1) throw new UsageError(`${op}: cannot read a tensor inside vmap; do it outside`, op);
}

/** Hands the bytes of `t` to `use`, row-major and little-endian. They are valid until the next call into the instance. */
export function withBytes<T>(t: Tensor, op: string, use: (bytes: Uint8Array) => T): T {
  checkReadable(op, t);
  const code = codeOf(t.dtype)!;
  // First, since it may ask the instance.
  const length = t.numel() * SIZES[code]!;
  const address = readAt(t, code);
  try {
    return use(new Uint8Array(wasm().memory.buffer, address, length));
  } finally {
    wasm().unpark();
  }
}

/** A stretch of the instance's memory, valid until the next call into it. */
export function memoryAt(address: number, length: number): Uint8Array {
  return new Uint8Array(wasm().memory.buffer, address, length);
}
