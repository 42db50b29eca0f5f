import './in-a-new-folder';
import { afterEach, describe, expect, it } from 'vitest';
import * as adjoint from 'adjoint';
import { AdjointError, reset, scope, tensor, zeros } from 'adjoint';
import * as inside from '../ts/entry/node';
import { crashed } from '../ts/runtime/wasm';

afterEach(reset);

/** Values of every kind, among them sizes and indexes far out of range. */
const values = (): unknown[] => [
  undefined, null, NaN, Infinity, -1, 0, 2, 1e300, 2 ** 53, 2 ** 31, -(2 ** 31), 1.5, '', 'float32', true, 10n ** 30n, [], [[]], [NaN], [null],
  [0, 1], [2 ** 53], [2 ** 31, 2 ** 31], [-1], {}, { dim: NaN }, tensor([[1, 2], [3, 4]]), [tensor([1])], zeros(0, 3), tensor([1n << 62n]),
  tensor([true, false]), tensor(2), () => 0, Symbol('s'), new Float32Array(2),
];

/** What is not a call of an op, or takes a function that it calls. */
const LEFT_OUT = new Set(['constructor', 'dispose', 'backward', 'reset', 'scope', 'keep', 'capture', 'trackLeaks', 'noGrad', 'enableGrad', 'setGradEnabled', 'inferenceMode']);

/** Runs `call`, and says what happened if it was neither a result nor a typed error. */
function trapOf(call: () => unknown): string | null {
  try {
    scope(call);
    return null;
  } catch (error) {
    const isDead = error instanceof AdjointError && /is dead|is a bug/.test(error.message);
    if (isDead) reset();
    return isDead || !(error instanceof AdjointError || error instanceof TypeError) ? String(error) : null;
  }
}

describe('no argument, however wrong, reaches a trap', () => {
  it.each([['a 0-dim tensor', () => tensor(1)], ['a matrix', () => tensor([[1, 2], [3, 4]])]] as const)('in methods of %s', (_, make) => {
    const trapped: string[] = [];
    const count = values().length;
    for (const name of Object.getOwnPropertyNames(adjoint.Tensor.prototype).filter((n) => !LEFT_OUT.has(n))) {
      for (let i = 0; i < count; i++) {
        const trap = trapOf(() => {
          const method: unknown = (make() as any)[name];
          return typeof method === 'function' ? void method.call(make(), values()[i]) : null;
        });
        if (trap !== null) trapped.push(`${name}(value ${i}): ${trap}`);
      }
    }
    expect(trapped).toEqual([]);
  }, 120_000);

  it('in free functions', () => {
    const trapped: string[] = [];
    const count = values().length;
    const functions = Object.entries({ ...adjoint, ...adjoint.nn.functional, ...adjoint.linalg, ...adjoint.special } as Record<string, unknown>);
    for (const [name, f] of functions.filter(([n, value]) => typeof value === 'function' && /^[a-z]/.test(n) && !LEFT_OUT.has(n))) {
      for (let i = 0; i < count; i++) {
        const trap = trapOf(() => void (f as any)(values()[i])) ?? trapOf(() => void (f as any)(tensor([1, 2]), values()[i]));
        if (trap !== null) trapped.push(`${name}(value ${i}): ${trap}`);
      }
    }
    expect(trapped).toEqual([]);
  }, 120_000);
});

describe('an instance that met an internal error', () => {
  it('says so at every later call, until reset() makes a fresh one', () => {
    const x = inside.tensor([1, 2]);
    const error = crashed(new WebAssembly.RuntimeError('unreachable'));
    expect(error).toBeInstanceOf(inside.AdjointError);
    const dead = 'is dead after an internal error (a bug, please report it): unreachable; reset() makes a fresh one';
    for (const call of [() => x.add(1), () => x.exp(), () => x.shape, () => x.tolist(), () => inside.zeros(2), () => inside.tensor([1]), () => inside.memoryStats()]) {
      expect(call).toThrow(dead);
    }
    x.dispose();
    inside.reset();
    expect(inside.tensor([1, 2]).add(1).tolist()).toEqual([2, 3]);
  });

  it('leaves nothing of the old one in the new', () => {
    const old = tensor([1, 2]);
    reset();
    expect(adjoint.memoryStats().tensors).toBe(0);
    expect(() => old.add(1)).toThrow('disposed');
    old.dispose();
    expect(tensor([3]).item()).toBe(3);
  });
});
