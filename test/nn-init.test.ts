import { describe, expect, it } from 'vitest';
import { type Tensor, empty, manualSeed, nn, ones, zeros } from 'adjoint';
import fixture from './fixtures/initial-weights.json';

interface Golden {
  shape: number[];
  data: number[];
}

const EPSILON = { float32: 2 ** -23, float64: 2 ** -52 };

/** Equal up to `roundings` units in the last place of the largest value: where values cancel, a rounding of the bound is left. */
function expectEqual(actual: Tensor, golden: Golden, roundings: number): void {
  expect(actual.shape).toEqual(golden.shape);
  const unit = EPSILON[actual.dtype as keyof typeof EPSILON] * Math.max(...golden.data.map(Math.abs));
  Array.from(actual.detach().toTypedArray(), Number).forEach((v, i) => {
    expect(Math.abs(v - golden.data[i]!), `element ${i}`).toBeLessThanOrEqual(roundings * unit);
  });
}

describe.each(Object.entries(fixture.seeds))('after manualSeed(%s)', (seed, golden) => {
  const seeded = <T>(fn: () => T): T => {
    manualSeed(BigInt(seed));
    return fn();
  };

  it('a Linear has the weights and the bias it has in PyTorch', () => {
    const single = seeded(() => new nn.Linear(4, 3));
    expectEqual(single.weight, golden['nn.Linear(4,3)'].weight, 0);
    expectEqual(single.bias!, golden['nn.Linear(4,3)'].bias, 0);
    const double = seeded(() => new nn.Linear(4, 3, { dtype: 'float64' }));
    expectEqual(double.weight, golden['nn.Linear(4,3,float64)'].weight, 1);
    expectEqual(double.bias!, golden['nn.Linear(4,3,float64)'].bias, 1);
  });

  it('the distributions of nn.init draw the numbers PyTorch draws', () => {
    expectEqual(seeded(() => nn.init.kaimingUniform_(empty(3, 4))), golden['init.kaiming_uniform_(3,4)'], 1);
    expectEqual(seeded(() => nn.init.kaimingNormal_(empty(5, 4))), golden['init.kaiming_normal_(5,4)'], 4);
    expectEqual(seeded(() => nn.init.xavierUniform_(empty(3, 4))), golden['init.xavier_uniform_(3,4)'], 1);
    expectEqual(seeded(() => nn.init.xavierNormal_(empty(3, 4))), golden['init.xavier_normal_(3,4)'], 4);
  });

  it('dropout omits the elements PyTorch omits', () => {
    expectEqual(seeded(() => new nn.Dropout(0.5).call(ones(20))), golden['dropout(ones(20),0.5)'], 0);
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
    expect(() => nn.init.calculateGain('softmax' as never)).toThrow(/nonlinearity must be .*'selu', got the string "softmax"/);
  });

  it('refuses tensors that have no fans', () => {
    expect(() => nn.init.xavierUniform_(empty(3))).toThrow(/xavierUniform_: a tensor of fewer than 2 dims has no fans, got shape \[3\]/);
  });
});
