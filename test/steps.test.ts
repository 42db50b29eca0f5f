// steps(): a scope an iteration, for loops that neither a module nor a loader cleans up after.
import { describe, expect, it } from 'vitest';
import { UsageError, keep, memoryStats, ones, optim, randn, steps, type Tensor } from 'adjoint';

const live = () => memoryStats().tensors;

describe('steps()', () => {
  it('counts from 0, and hands on what it iterates over', () => {
    expect([...steps(3)]).toEqual([0, 1, 2]);
    expect([...steps(['a', 'b'])]).toEqual(['a', 'b']);
    expect([...steps(new Set([1, 2]))]).toEqual([1, 2]);
    expect([...steps({ of: 2 })]).toEqual([0, 1]);
    expect([...steps(0)]).toEqual([]);
  });

  it('holds memory steady in a loop without a module, a loader or a scope', () => {
    const w = randn([8, 8]).requiresGrad_();
    const x = randn([4, 8]);
    const optimizer = new optim.Adam([w], { lr: 0.01 });
    const counts: number[] = [];
    for (const step of steps(20)) {
      optimizer.zeroGrad();
      x.matmul(w).tanh().square().mean().backward();
      optimizer.step();
      if (step >= 2) counts.push(live());
    }
    expect(new Set(counts).size).toBe(1);
  });

  it('releases what an iteration made when the next begins, the loop ends, is left or throws', () => {
    const before = live();
    let last: Tensor | null = null;
    for (const _ of steps(3)) {
      expect(live()).toBe(before);
      last = ones([2]).add(1);
    }
    expect(() => last!.tolist()).toThrow('disposed');
    for (const step of steps(Infinity)) {
      ones([2]).exp();
      if (step === 4) break;
    }
    expect(() => {
      for (const _ of steps(2)) {
        ones([2]).exp();
        throw new Error('stop');
      }
    }).toThrow('stop');
    expect(live()).toBe(before);
  });

  it('spares what is kept', () => {
    const kept: Tensor[] = [];
    for (const step of steps(3)) kept.push(keep(ones([1]).mul(step)));
    expect(kept.map((t) => t.item())).toEqual([0, 1, 2]);
    for (const t of kept) t.dispose();
  });

  it('tells the iterable when the loop is left', () => {
    let isClosed = false;
    function* items(): Generator<number> {
      try {
        yield 1;
        yield 2;
      } finally {
        isClosed = true;
      }
    }
    for (const _ of steps(items())) break;
    expect(isClosed).toBe(true);
  });

  it.each([-1, 1.5, NaN, null, undefined, 'abc', {}, () => 0])('refuses %s', (of) => {
    expect(() => steps(of as never)).toThrow(UsageError);
  });
});
