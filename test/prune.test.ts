// nn.utils.prune against PyTorch; fixtures/record/prune.py recorded what that prunes of the same layer.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UsageError, manualSeed, nn, ones, optim, tensor, type Tensor } from 'adjoint';

const { prune } = nn.utils;
const recorded = JSON.parse(readFileSync(new URL('fixtures/prune.json', import.meta.url), 'utf8')) as Record<string, Record<string, unknown>>;

const CASES: Record<string, (m: nn.Linear) => unknown> = {
  l1Unstructured: (m) => prune.l1Unstructured(m, 'weight', 0.3),
  'l1Unstructured of a count': (m) => prune.l1Unstructured({ module: m, name: 'weight', amount: 5 }),
  randomUnstructured: (m) => prune.randomUnstructured(m, 'weight', 0.5),
  randomStructured: (m) => prune.randomStructured(m, 'weight', 0.5, 0),
  lnStructured: (m) => prune.lnStructured(m, 'weight', 0.5, 2, 1),
  'lnStructured of order 1': (m) => prune.lnStructured(m, 'weight', 1, 1, { dim: -1 }),
  identity: (m) => prune.identity(m, 'bias'),
  'one after the other': (m) => prune.randomUnstructured(prune.lnStructured(prune.l1Unstructured(m, 'weight', 2), 'weight', 1, 2, 0), 'weight', 2),
  'a mask': (m) => prune.customFromMask(prune.l1Unstructured(m, 'bias', 1), 'bias', tensor([1, 0, 1])),
  'importance scores': (m) => prune.l1Unstructured(m, 'bias', 1, { importanceScores: tensor([3, 1, 2]) }),
  removed: (m) => prune.remove(prune.l1Unstructured(m, 'weight', 0.5), 'weight'),
  global: (m) => { prune.globalUnstructured([[m, 'weight'], [m, 'bias']], prune.L1Unstructured, { amount: 7 }); },
  'global, of what is left': (m) => {
    prune.l1Unstructured(m, 'weight', 3);
    prune.globalUnstructured([[m, 'weight'], [m, 'bias']], prune.RandomUnstructured, { amount: 0.25 });
  },
};

function layer(): nn.Linear {
  manualSeed(0);
  return new nn.Linear(4, 3);
}

describe('nn.utils.prune', () => {
  it.each(Object.keys(recorded))('%s gives the state of PyTorch', (name) => {
    const m = layer();
    CASES[name]!(m);
    const state = Object.fromEntries(Object.entries(m.stateDict()).map(([key, t]) => [key, t.tolist()]));
    expect(state).toEqual(recorded[name]);
    expect(Object.keys(state)).toEqual(Object.keys(recorded[name]!));
  });

  it('makes the parameter the product of the mask and what is learned', () => {
    const m = layer();
    const { weight } = m;
    expect(prune.l1Unstructured(m, 'weight', 6)).toBe(m);
    const fields = m as unknown as Record<'weight_orig' | 'weight_mask', Tensor>;
    expect([fields.weight_orig === weight, m.namedParameters().map(([name]) => name), prune.isPruned(new nn.Sequential(m))]).toEqual([true, ['bias', 'weight_orig'], true]);
    expect(m.weight.tolist()).toEqual(weight.mul(fields.weight_mask).tolist());
    m(ones(1, 4)).sum().backward();
    expect(weight.grad!.tolist()).toEqual(fields.weight_mask.tolist());
    new optim.SGD(m.parameters(), 0.5).step();
    expect(m.weight.tolist()).toEqual(weight.mul(fields.weight_mask).tolist());
    const copy = m.clone();
    expect([copy.weight.tolist(), prune.isPruned(copy)]).toEqual([m.weight.tolist(), true]);
    prune.remove(copy, 'weight');
    expect([prune.isPruned(copy), prune.isPruned(m), copy.weight instanceof nn.Parameter, copy.weight.tolist()]).toEqual([false, true, true, m.weight.tolist()]);
    expect(() => { m.weight = weight; }).toThrow(/weight is pruned/);
  });

  it('takes methods of the caller, several in a container', () => {
    class EveryOther extends prune.BasePruningMethod {
      readonly pruningType = 'unstructured';
      override computeMask(_t: Tensor, defaultMask: Tensor): Tensor {
        const mask = defaultMask.clone();
        mask.view(-1).setitem({ step: 2 }, 0);
        return mask;
      }
    }
    const m = layer();
    const first = EveryOther.apply(m, 'bias');
    expect([first instanceof EveryOther, first.tensorName, (m as unknown as { bias_mask: Tensor }).bias_mask.tolist()]).toEqual([true, 'bias', [0, 1, 0]]);
    const both = prune.L1Unstructured.apply(m, 'bias', 1);
    expect([both instanceof prune.PruningContainer, (both as InstanceType<typeof prune.PruningContainer>).length, m.bias!.eq(0).tolist()]).toEqual([true, 2, [true, true, true]]);
    expect(new EveryOther().prune(tensor([1, 2, 3])).tolist()).toEqual([0, 2, 0]);
    expect(new prune.L1Unstructured(1).prune(tensor([1, 2, 3]), { importanceScores: tensor([3, 1, 2]) }).tolist()).toEqual([1, 0, 3]);
  });

  it('refuses what cannot be pruned, and changes nothing then', () => {
    const m = layer();
    const state = Object.keys(m.stateDict());
    expect(() => prune.l1Unstructured(m, 'nothing', 1)).toThrow(/L1Unstructured: Linear has no parameter the string "nothing"/);
    expect(() => prune.l1Unstructured(m, 'weight', 13)).toThrow(/amount=13 must be at most the number of what is pruned, 12/);
    expect(() => prune.l1Unstructured(m, 'weight', 1.5)).toThrow(/amount must be a whole number of at least 0 or a part between 0 and 1, got 1.5/);
    expect(() => prune.lnStructured(m, 'bias', 1, 2, 0)).toThrow(/at least two dims/);
    expect(() => prune.lnStructured(m, 'weight', 1, 2, 2)).toThrow(/dim 2 is out of range/);
    expect(() => prune.l1Unstructured(m, 'weight', 1, ones(2))).toThrow(/importanceScores must have shape \[3, 4\], got \[2\]/);
    expect(() => prune.customFromMask(m, 'weight', ones(2))).toThrow(/mask must have shape/);
    expect(() => prune.remove(m, 'weight')).toThrow(/"weight" of Linear is not pruned/);
    expect(() => { prune.globalUnstructured([[m, 'weight']], prune.LnStructured as never, { amount: 1 }); }).toThrow();
    expect([Object.keys(m.stateDict()), prune.isPruned(m)]).toEqual([state, false]);
  });
});

it('a container is not added to itself, directly or through others', () => {
  const { PruningContainer, Identity } = nn.utils.prune;
  const [outer, inner] = [new PruningContainer(), new PruningContainer(new Identity())];
  expect(() => { outer.addPruningMethod(outer); }).toThrow(UsageError);
  outer.addPruningMethod(inner);
  expect(() => { inner.addPruningMethod(outer); }).toThrow(/is this container or holds it/);
  expect([outer.length, inner.length]).toEqual([1, 1]);
  expect(outer.computeMask(ones([2]), ones([2])).tolist()).toEqual([1, 1]);
});
