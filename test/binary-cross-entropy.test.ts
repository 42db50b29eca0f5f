// What binaryCrossEntropy takes: probabilities, both of them, as PyTorch 2.15 checks.
import { describe, expect, it } from 'vitest';
import { nn, randn, zeros } from 'adjoint';

describe('binaryCrossEntropy', () => {
  const F = nn.functional;
  it('refuses targets that are no probabilities, whatever the input is, and NaN', () => {
    for (const bad of [-0.1, 1.1, Infinity, NaN]) {
      for (const x of [0, 1, 0.5]) {
        expect(() => F.binaryCrossEntropy(zeros([1]).add(x), zeros([1]).add(bad))).toThrow(/all elements of target must be between 0 and 1/);
      }
      expect(() => F.binaryCrossEntropy(zeros([1]).add(bad), zeros([1]))).toThrow(/all elements of input must be between 0 and 1/);
      // One of many.
      expect(() => F.binaryCrossEntropy(randn([40]).sigmoid(), zeros([40]).setitem(39, bad))).toThrow(/target/);
    }
    expect(F.binaryCrossEntropy(zeros([2]), zeros([2])).item()).toBe(0);
  });
});
