// Captured functions and generators know what is kept in the instance by an id, which the instance gives to another one once it is free.
import { Generator, UsageError, capture, rand, reset, tensor, type Tensor } from 'adjoint';
import { describe, expect, it } from 'vitest';

const twice = (x: Tensor): Tensor => x.mul(2);
const plusOne = (x: Tensor): Tensor => x.add(1);

describe('a captured function that was disposed', () => {
  it('says so, whatever is asked of it', () => {
    const f = capture(twice, tensor([1, 2]));
    f.dispose();
    for (const ask of [() => f.record, () => f.toJSON(), () => f.toString(), () => JSON.stringify(f), () => f.run(tensor([1, 2])), () => f.runAll(tensor([1, 2])), () => f.constant(0)]) {
      expect(ask).toThrow(UsageError);
      expect(ask).toThrow('captured function: the captured function was disposed');
    }
  });

  it('does not run one that was captured later', () => {
    const f = capture(twice, tensor([1, 2]));
    f.dispose();
    using later = capture(plusOne, tensor([1, 2]));
    expect(() => f.run(tensor([1, 2]))).toThrow('was disposed');
    expect(later.run(tensor([1, 2])).tolist()).toEqual([2, 3]);
  });

  it('can be disposed twice, and takes no other with it', () => {
    const f = capture(twice, tensor([1, 2]));
    f.dispose();
    using later = capture(plusOne, tensor([1, 2]));
    f.dispose();
    expect(later.run(tensor([1, 2])).tolist()).toEqual([2, 3]);
  });

  it('is disposed by reset() too', () => {
    const f = capture(twice, tensor([1, 2]));
    reset();
    expect(() => f.run(tensor([1, 2]))).toThrow('was disposed');
    using later = capture(plusOne, tensor([1, 2]));
    expect(() => f.run(tensor([1, 2]))).toThrow('was disposed');
    f.dispose();
    expect(later.run(tensor([1, 2])).tolist()).toEqual([2, 3]);
  });
});

describe('a generator that was disposed', () => {
  it('draws nothing from one that was made later, and takes no other with it', () => {
    const g = new Generator().manualSeed(1);
    g.dispose();
    using later = new Generator().manualSeed(2);
    const state = rand([2], { generator: new Generator().manualSeed(2) }).tolist();
    expect(() => rand([2], { generator: g })).toThrow('rand: the generator was disposed');
    expect(() => g.manualSeed(3)).toThrow('was disposed');
    g.dispose();
    expect(rand([2], { generator: later }).tolist()).toEqual(state);
  });

  it('is disposed by reset() too', () => {
    const g = new Generator().manualSeed(1);
    reset();
    using later = new Generator().manualSeed(2);
    expect(() => rand([2], { generator: g })).toThrow('was disposed');
    g.dispose();
    expect(rand([2], { generator: later }).shape).toEqual([2]);
  });
});
