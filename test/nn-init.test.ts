import { describe, expect, it } from 'vitest';
import { Tensor, empty, manualSeed, nn, ones, zeros } from 'adjoint';
import fixture from './fixtures/initial-weights.json';

interface Golden {
  shape: number[];
  data: number[];
}

function expectClose(actual: Tensor, golden: Golden, relative: number): void {
  expect(actual.shape).toEqual(golden.shape);
  Array.from(actual.detach().toTypedArray(), Number).forEach((v, i) => {
    expect(Math.abs(v - golden.data[i]!)).toBeLessThanOrEqual(relative * Math.abs(golden.data[i]!));
  });
}

describe.each(Object.entries(fixture.seeds))('after manualSeed(%s)', (seed, golden) => {
  const seeded = <T>(fn: () => T): T => {
    manualSeed(BigInt(seed));
    return fn();
  };

  it('a Linear has the weights and the bias it has in PyTorch', () => {
    const single = seeded(() => new nn.Linear(4, 3));
    expectClose(single.weight, golden['nn.Linear(4,3)'].weight, 0);
    expectClose(single.bias!, golden['nn.Linear(4,3)'].bias, 0);
    const double = seeded(() => new nn.Linear(4, 3, { dtype: 'float64' }));
    expectClose(double.weight, golden['nn.Linear(4,3,float64)'].weight, 1e-15);
    expectClose(double.bias!, golden['nn.Linear(4,3,float64)'].bias, 1e-15);
  });

  it('the distributions of nn.init draw the numbers PyTorch draws', () => {
    expectClose(seeded(() => nn.init.kaimingUniform_(empty(3, 4))), golden['init.kaiming_uniform_(3,4)'], 1e-7);
    expectClose(seeded(() => nn.init.kaimingNormal_(empty(5, 4))), golden['init.kaiming_normal_(5,4)'], 1e-6);
    expectClose(seeded(() => nn.init.xavierUniform_(empty(3, 4))), golden['init.xavier_uniform_(3,4)'], 1e-7);
    expectClose(seeded(() => nn.init.xavierNormal_(empty(3, 4))), golden['init.xavier_normal_(3,4)'], 1e-6);
  });

  it('dropout omits the elements PyTorch omits', () => {
    expectClose(seeded(() => new nn.Dropout(0.5).call(ones(20))), golden['dropout(ones(20),0.5)'], 0);
  });
});

describe('nn.init', () => {
  it('writes the tensor it is given, without recording, and returns it', () => {
    const p = new nn.Parameter(zeros(2, 2));
    expect(nn.init.constant_(p, 3)).toBe(p);
    expect(p.tolist()).toEqual([
      [3, 3],
      [3, 3],
    ]);
    expect(p.isLeaf).toBe(true);
    expect(nn.init.ones_(zeros(2)).tolist()).toEqual([1, 1]);
    expect(nn.init.zeros_(ones(2)).tolist()).toEqual([0, 0]);
    expect(nn.init.eye_(empty(2, 3)).tolist()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });

  it('knows the gains', () => {
    expect(nn.init.calculateGain('tanh')).toBe(5 / 3);
    expect(nn.init.calculateGain('leakyRelu', 1)).toBe(1);
    expect(() => nn.init.calculateGain('softmax' as never)).toThrow(/no nonlinearity softmax/);
  });

  it('refuses tensors that have no fans', () => {
    expect(() => nn.init.xavierUniform_(empty(3))).toThrow(/xavierUniform_: a tensor of fewer than 2 dims has no fans, got shape \[3\]/);
  });
});
